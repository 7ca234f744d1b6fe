// Writes docs/attacks-languages.md from a run of the attacks in every installed language: npm run build first. A file with
// the output of `assay attack --json --language …`, or several, in place of a run: node scripts/attack-languages-table.mjs <file>…
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath, URL } from "node:url";

import { attackedLanguages, readLanguageAttacks, readLanguagePrograms } from "../dist/attack/by-language.js";
import { findLanguage } from "../dist/sandbox/languages.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FILE = `${ROOT}docs/attacks-languages.md`;
// Written by hand, from runs of their own: `assay attack --isolation unprivileged --language …`.
const [unprivileged = ""] = /^## In the tier `unprivileged`\n[^]*?(?=^## )/m.exec(readFileSync(FILE, "utf8")) ?? [];
const files = process.argv.slice(2);
const outcomes = files.length > 0 ? files.flatMap((file) => JSON.parse(readFileSync(file, "utf8")).cases) : run().cases;
const attacks = readLanguageAttacks();
const byName = new Map(outcomes.map((one) => [one.name, one]));
const languages = attackedLanguages().filter((id) => outcomes.some(({ name }) => name.startsWith(`${id}-`)));

const rows = [...attacks].map(([attack, { group, tries }]) => [
  group,
  attack,
  tries,
  ...languages.map((id) => cell(id, attack)),
]);
const testCode = languages.map((id) => {
  const own = outcomes.filter(({ name }) => name.startsWith(`${id}-tests-`));
  return own.length === 0 ? "–" : `${own.filter(({ held }) => held).length} of ${own.length}`;
});
rows.push(["D", "test code", "cheats on test code in the language itself (`fixtures/multipl-e`): held", ...testCode]);
const reasons = languages.flatMap((id) =>
  [...readLanguagePrograms(id, attacks).absent].map(([attack, reason]) => `- ${nameOf(id)}, ${attack}: ${reason}`),
);
const held = outcomes.filter((one) => one.held).length;

writeFileSync(
  FILE,
  `# Attacks in other languages

Written by \`node scripts/attack-languages-table.mjs\` from runs of \`assay attack --language\`, in the tier
\`namespaces\`. ${held} of ${outcomes.length} attacks held, in ${languages.length} languages. When an attack holds is said in
[attacks.md](attacks.md); the honest program behind each is in the attack's own language. Groups: A resources, B time, C escape
and staying behind, D forging a verdict.

${table([["", "attack", "tries", ...languages.map(nameOf)], ...rows])}
WA wrong_answer, RE runtime_error, TL time_limit, ML memory_limit, OL output_limit, CE compile_error. "–": there is none in that
language. A language has none of an attack where it has no call for it:

${reasons.join("\n")}

${unprivileged}## Running them

\`\`\`
assay attack --language rust            # one language
assay attack --language cpp,java --only C
assay attack --language all --json      # every installed language that has attacks
\`\`\`

\`npm test\` runs a part of them in Bash, C++, Java, Perl and Rust.

## Adding a language, or an attack

\`fixtures/attack-languages/attacks.json\` says of each attack its \`group\`, what it \`tries\`, who \`falls_for_it\`, the verdicts
to \`expect\`, and what its program would have to print to have won (\`wins\`, "escaped" by default; more than one text means that the
program is run again for each). \`"like": "time_limit"\` takes the program from \`fixtures/languages/<language>/time_limit.*\`.
\`"special": true\` marks what only some languages have, such as macros.

\`fixtures/attack-languages/<language>.txt\` holds the programs of a language: each behind a line \`=== attack\`, up to the next such
line. \`=== attack: reason\` says why the language has none. A test demands one of the two for every attack that is not special.
A program that is refused what it asks for prints anything else; it must compile, apart from those of the attacks on compilers.
`,
);
execFileSync("npx", ["prettier", "--write", "docs/attacks-languages.md"], { cwd: ROOT, stdio: "inherit" });
process.exitCode = held === outcomes.length ? 0 : 1;

function run() {
  const words = ["dist/cli/main.js", "attack", "--json", "--language", "all"];
  const options = { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "inherit"] };
  const { stdout, status } = spawnSync(process.execPath, words, options);
  if (stdout === "") throw new Error(`the attacks ended with status ${status} and without a result`);
  return JSON.parse(stdout);
}

function cell(id, attack) {
  const outcome = byName.get(`${id}-${attack}`);
  if (outcome === undefined) return "–";
  const short = outcome.got
    .split("_")
    .map((word) => word[0].toUpperCase())
    .join("");
  return outcome.held ? short : `**${short}: ${outcome.reasons.join("; ")}**`;
}

function nameOf(id) {
  return findLanguage(id).name;
}

function table([heading, ...body]) {
  const line = (cells) => `| ${cells.join(" | ")} |\n`;
  return line(heading) + line(heading.map(() => "---")) + body.map(line).join("");
}
