import { describe, expect, it } from "vitest";

import {
  attackedLanguages,
  readLanguageAttacks,
  readLanguageCases,
  readLanguagePrograms,
} from "../src/attack/by-language.js";
import { selectCases } from "../src/attack/cases.js";
import { runSuite } from "../src/attack/suite.js";
import { runCommandLine } from "../src/cli/program.js";
import { createGrader } from "../src/grading/grader.js";
import { createSandbox } from "../src/sandbox/index.js";
import { findLanguage, isInstalled } from "../src/sandbox/languages.js";
import { makeRecord, makeWorld } from "./cli-fakes.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();
const ATTACKS = readLanguageAttacks();
/** Those that `scripts/setup.sh` sees to. */
const EXPECTED = ["bash", "c", "cpp", "java", "lua", "perl", "php", "ruby", "rust"];

describe("fixtures/attack-languages", () => {
  it("has every language that is always tested", () => {
    expect(attackedLanguages()).toEqual(expect.arrayContaining(EXPECTED));
  });

  it.each(attackedLanguages())("%s has each attack, or says why not", (id) => {
    expect(findLanguage(id)?.id).toBe(id);
    const { programs, absent } = readLanguagePrograms(id, ATTACKS);
    for (const [name, { special }] of ATTACKS) {
      if (special !== true) expect(programs.has(name) || absent.has(name), `${id}: ${name}`).toBe(true);
    }
    for (const [name, reason] of absent) expect(reason.length, name).toBeGreaterThan(9);
  });

  it("says what is wrong with a file of programs", async () => {
    const write = (text: string) => folder.write(text, "bash.txt");
    const read = () => readLanguagePrograms("bash", ATTACKS, `${folder.path}/`);
    await write("=== sleep\nsleep 100\n=== stack: it has none\n");
    expect(read().programs.get("sleep")).toBe("sleep 100\n");
    expect(read().absent.get("stack")).toBe("it has none");
    for (const [text, fault] of [
      ["=== nap\nsleep 1\n", /"nap" is no attack/],
      ["=== sleep\n=== sleep\n", /"sleep" comes twice/],
      ["sleep 1\n", /must begin with a line/],
    ] as const) {
      await write(text);
      expect(read).toThrow(fault);
    }
  });
});

describe("the suite in other languages, on the real sandbox", () => {
  const names = ["fork-bomb", "kill-others", "leave-files", "leave-process", "read-files", "exit-early"];
  const some = (id: string) =>
    readLanguageCases([id]).filter((one) => names.some((name) => one.name === `${id}-${name}`));

  it.skipIf(!installed("bash"))("holds in a language whose programs start others", { timeout: 120_000 }, async () => {
    const outcomes = await runSuite(some("bash"), { createSandbox, createGrader });
    expect(outcomes.length).toBe(names.length);
    expect(outcomes.filter(({ held }) => !held)).toEqual([]);
  });

  it.skipIf(!installed("c"))(
    "holds in one that is compiled, also against test code's cheats",
    { timeout: 120_000 },
    async () => {
      const outcomes = await runSuite(some("c"), { createSandbox, createGrader });
      expect(outcomes.length).toBe(names.length - 1);
      expect(outcomes.filter(({ held }) => !held)).toEqual([]);
    },
  );

  it.skipIf(!installed("bash"))(
    "does not hold where a program gets what it is after",
    { timeout: 60_000 },
    async () => {
      const [one] = some("bash");
      if (one === undefined) throw new Error("bash has no attack");
      const outcomes = await runSuite([{ ...one, program: "echo escaped\n" }], { createSandbox, createGrader });
      expect(outcomes).toMatchObject([{ got: "accepted", held: false }]);
    },
  );
});

function installed(id: string): boolean {
  const language = findLanguage(id);
  return language !== null && isInstalled(language);
}

describe("assay attack --language", () => {
  const run = async (...words: string[]) => {
    const world = makeWorld([], ({ id }) =>
      makeRecord(id, ["honest", "neighbour"].includes(id) ? "accepted" : "wrong_answer"),
    );
    await runCommandLine(world.context, ["attack", ...words]);
    return world;
  };

  it.skipIf(!installed("bash"))("tries those of the languages named, and no other", async () => {
    const { stdout, state } = await run("--json", "--language", "sh,bash", "--only", "*-markers,*-exit-early");
    const { cases } = JSON.parse(stdout.text) as { cases: { name: string }[] };
    expect(cases.map(({ name }) => name).sort()).toEqual(["bash-exit-early", "bash-markers"]);
    expect(state.code).toBe(0);
  });

  it.each([
    ["klingon", /there is no language "klingon"/],
    ["python", /no attacks are written in Python/],
  ])("--language %s is refused in words", async (name, words) => {
    const { stderr, state } = await run("--language", name);
    expect(stderr.text).toMatch(words);
    expect(state.code).toBe(1);
  });

  it("all is every language that is installed here", () => {
    const ids = new Set(readLanguageCases(["all"]).map(({ language }) => language));
    expect([...ids].sort()).toEqual(attackedLanguages().filter(installed));
    expect(selectCases(readLanguageCases(["all"]), ["*-markers"]).length).toBe(ids.size);
  });
});
