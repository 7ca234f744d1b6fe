// Writes docs/attacks.md and the section "Attacks" of the README from a run of the whole suite: npm run build first.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath, URL } from "node:url";

import { readCases } from "../dist/attack/cases.js";
import { writeShortTable, writeSummary, writeTable } from "../dist/attack/table.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SECTION = /^## Attacks\n[\s\S]*?(?=^## )/m;

const run = spawnSync(process.execPath, ["dist/cli/main.js", "attack", "--json", "--plain"], {
  cwd: ROOT,
  encoding: "utf8",
  maxBuffer: 1 << 26,
  stdio: ["ignore", "pipe", "inherit"],
});
if (run.stdout === "") throw new Error(`the suite ended with status ${run.status} and without a result`);
const outcomes = JSON.parse(run.stdout).cases;
const plain = new Map(outcomes.map(({ name, plain_harness }) => [name, plain_harness]));
const cases = readCases();

writeFileSync(
  `${ROOT}docs/attacks.md`,
  `# The attack suite

Written by \`node scripts/attack-table.mjs\` from a run of \`assay attack --plain\`. What the cases are made of and how one
is added is in [fixtures/README.md](../fixtures/README.md).

**assay** is the verdict that the attack got here. An attack holds when that is one of those expected, an honest program
right behind it in the same cell is accepted, an honest neighbour in another cell took no more CPU time than usual, assay itself
was not kept busy, and no process, descriptor, file, mount, control group or shared memory is left of it. Limits are
tighter than the defaults, for the sake of speed: 1 s of CPU time, 3 s elapsed, 256 MiB.

**plain harness** is what the rules of the official harnesses make of the same program: candidate, tests and comparison
in one process, \`exec\` and \`==\`, HumanEval's guard and time limit, the loose comparisons of APPS. They are written out
anew in \`fixtures/reference-harness/\` and run inside a jail. Attacks on walls and on a service are not tried: a plain
harness has none. "fooled" marks a cheat that was accepted; programs that \`tries\` calls legitimate ought to be.

These are in Python. Attacks in other languages (\`assay attack --language cpp\`): [attacks-languages.md](attacks-languages.md).

${writeTable(cases, outcomes, plain)}`,
);

const section = `## Attacks

\`assay attack\` tries ${cases.length} attacks on this installation (\`--only D\`, \`--only 'eq-*'\` for some of them, \`--json\` for programs) and
exits 0 only if all hold. After each it checks that an honest program right behind it in the same cell is accepted,
that a neighbour in another cell noticed nothing, and that nothing is left of it on the host. The right column is what
the rules of the official harnesses make of the same programs, where those share a process with tests and answers.
\`--language cpp,java\` or \`all\` tries those written in other languages: [docs/attacks-languages.md](docs/attacks-languages.md).

${writeSummary(cases, outcomes, plain)}
What each one tries, and who is known to fall for it: [docs/attacks.md](docs/attacks.md).

<details>
<summary>All ${cases.length} attacks</summary>

${writeShortTable(cases, outcomes, plain)}
</details>

`;
const readme = readFileSync(`${ROOT}README.md`, "utf8");
if (!SECTION.test(readme)) throw new Error('README.md has no section "Attacks"');
// As a function: a "$" in the text has no meaning then.
writeFileSync(
  `${ROOT}README.md`,
  readme.replace(SECTION, () => section),
);
execFileSync("npx", ["prettier", "--write", "docs/attacks.md", "README.md"], { cwd: ROOT, stdio: "inherit" });
process.exitCode = run.status ?? 1;
