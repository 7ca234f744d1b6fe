import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { countLines } from "../src/cli/count.js";
import { describeProgress, startProgress, type ProgressState } from "../src/cli/progress.js";
import { Captured } from "./cli-fakes.js";

const state: ProgressState = { done: 50, accepted: 20, resumed: 10, total: 130 };

describe("progress", () => {
  test("counts earlier rows as done but not into the rate", () => {
    expect(describeProgress(state, 4)).toBe("50/130 graded, 40.0% accepted, 10.0/s, 8.0s left");
    expect(describeProgress({ ...state, total: null }, 4)).toBe("50 graded, 40.0% accepted, 10.0/s");
    expect(describeProgress({ done: 0, accepted: 0, resumed: 0, total: 5 }, 0)).toBe("0/5 graded");
  });

  test("redraws a terminal's line at most 5 times a second, within its width", () => {
    const output = Object.assign(new Captured(), { isTTY: true, columns: 40 });
    let now = 0;
    const progress = startProgress({ output, now: () => now, read: () => state });
    for (; now <= 1000; now += 10) progress.tick();
    const lines = output.text.split("\r\x1b[K").slice(1);
    expect(lines).toHaveLength(5);
    expect(lines.every((line) => line.length === 39)).toBe(true);
    progress.stop();
    expect(output.text.endsWith("\n")).toBe(true);
  });

  test("writes plain lines elsewhere, every 10 seconds and at the end", () => {
    const output = new Captured();
    let now = 0;
    const progress = startProgress({ output, now: () => now, read: () => state });
    for (; now <= 25_000; now += 500) progress.tick();
    progress.stop();
    expect(output.text.split("\n").filter((line) => line !== "")).toHaveLength(3);
    expect(output.text).not.toContain("\x1b");
  });
});

test("lines are counted in plain and gzip files, blank ones left out, and nowhere else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "assay-count-"));
  const { signal } = new AbortController();
  const write = async (name: string, content: string | Buffer): Promise<string> => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  expect(await countLines(await write("plain", "aa\n\nbb\n\r\ncc"), signal)).toBe(3);
  expect(await countLines(await write("packed", gzipSync("aa\nbb\n")), signal)).toBe(2);
  expect(await countLines(await write("broken", gzipSync("aa\nbb\n").subarray(0, 15)), signal)).toBeNull();
  expect(await countLines("-", signal)).toBeNull();
  expect(await countLines("/dev/null", signal)).toBeNull();
  expect(await countLines(join(folder, "none"), signal)).toBeNull();
  await rm(folder, { recursive: true });
});
