import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { createSandbox } from "../src/sandbox/index.js";
import { findGroupPlace } from "../src/sandbox/memory-groups.js";
import { atPlace, outputOf, TIER, usePython } from "./sandbox-runs.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const python = usePython({ cells: 1 });
const place = findGroupPlace();
const MIB = 1024;

describe("a program that takes more memory than it may, and does not end", () => {
  it("is ended long before its time is over", async () => {
    const hog = `import time\nblock = bytearray(150 << 20)\ntime.sleep(60)`;
    const result = await python.run(hog, { limits: { memoryKb: 64 * MIB, wallMs: 50_000 } });
    expect(result.ending).toBe("memory_limit");
    expect(result.usage.wallMs).toBeLessThan(25_000);
  });

  it("is judged the same when it is called", async () => {
    const hog = `import time\ndef f():\n    block = bytearray(150 << 20)\n    time.sleep(60)`;
    const result = await python.judge(hog, "assert f() == 1", { limits: { memoryKb: 64 * MIB, wallMs: 50_000 } });
    expect(result.ending).toBe("memory_limit");
    expect(result.usage.wallMs).toBeLessThan(25_000);
  });

  it("a program a little below its limit is left alone, however long it takes", async () => {
    const source = `import time\nblock = bytearray(100 << 20)\ntime.sleep(0.4)\nprint("done")`;
    expect(outputOf(await python.run(source, { limits: { memoryKb: 160 * MIB } }))).toBe("done\n");
  });
});

// In the other tier files may be on a disk, whose pages the kernel can take back.
describe.skipIf(typeof place === "string" || TIER === "unprivileged")("with a cgroup of the cell", () => {
  const fill = `
for folder in ("${atPlace("/tmp")}", "${atPlace("/io")}"):
    for n in range(18):
        try: open(f"{folder}/{n}", "wb").write(bytes(14 << 20))
        except OSError: break
print("done")`;

  it("files in memory count, and the next program has the whole cell again", async () => {
    const result = await python.run(fill, { limits: { memoryKb: 64 * MIB } });
    expect(result.ending).toBe("memory_limit");
    expect(outputOf(await python.run("print(1)", { limits: { memoryKb: 64 * MIB } }))).toBe("1\n");
    expect(outputOf(await python.run(fill, { limits: { memoryKb: 512 * MIB } }))).toBe("done\n");
  });

  it("groups are gone with their cells", async () => {
    if (typeof place === "string") throw new Error(place);
    const list = async () => (await readdir(place.folder)).filter((name) => name.includes(`-${process.pid}-`)).length;
    const before = await list();
    const sandbox = await createSandbox({ cells: 1, isolation: TIER });
    expect(await list()).toBe(before + 1);
    await sandbox.dispose();
    expect(await list()).toBe(before);
  });
});

describe("the place for cgroups", () => {
  const folder = useTemporaryFolder();

  /** A process's view of its cgroups, with a folder in the place of the kernel's file system. */
  const pretend = async (cgroup: string, mount: string, files: Readonly<Record<string, string>>): Promise<string> => {
    await writeFile(join(folder.path, "cgroup"), `${cgroup}\n`);
    await writeFile(join(folder.path, "mountinfo"), `30 20 0:25 ${mount.replace("HERE", `${folder.path}/fs`)}\n`);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(folder.path, "fs", name, ".."), { recursive: true });
      await writeFile(join(folder.path, "fs", name), content);
    }
    return folder.path;
  };

  it("of version 2 is the group above our own, in which memory is then switched on", async () => {
    const proc = await pretend("0::/unit/assay", "/ HERE rw - cgroup2 cgroup2 rw", {
      "unit/cgroup.procs": "",
      "unit/cgroup.subtree_control": "cpu\n",
      "unit/assay/cgroup.procs": "1",
    });
    expect(findGroupPlace(proc)).toEqual({ version: 2, folder: join(proc, "fs/unit") });
    expect(await readFile(join(proc, "fs/unit/cgroup.subtree_control"), "utf8")).toBe("+memory");
    expect((await readdir(join(proc, "fs/unit"))).sort()).toEqual(["assay", "cgroup.procs", "cgroup.subtree_control"]);
  });

  it("of version 1 is our own group, also where the mount shows a part of the tree", async () => {
    const proc = await pretend("5:cpu:/x\n4:memory:/docker/one/two", "/docker/one HERE ro - cgroup cgroup rw,memory", {
      "two/cgroup.procs": "1",
    });
    expect(findGroupPlace(proc)).toEqual({ version: 1, folder: join(proc, "fs/two") });
  });

  it("is none where groups cannot be made or are not to be seen, with the reason", async () => {
    const outside = await pretend("0::/../other", "/ HERE rw - cgroup2 cgroup2 rw", {});
    expect(findGroupPlace(outside)).toMatch(/^cgroup v2: /);
    const unseen = await pretend("4:memory:/elsewhere", "/docker/one HERE rw - cgroup cgroup rw,memory", {});
    expect(findGroupPlace(unseen)).toBe("cgroup v1: the group is not to be seen here");
    expect(findGroupPlace(await pretend("0::/", "/ HERE rw - tmpfs tmpfs rw", {}))).toBe("there are no memory cgroups");
  });
});
