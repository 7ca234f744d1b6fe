import { GROUPS, type AttackCase, type Group } from "./cases.js";
import { whyNotTried, type PlainOutcome } from "./plain.js";
import type { CaseOutcome } from "./suite.js";

/** The suite as Markdown: a summary by group, then a table of every attack. */
export function writeTable(
  cases: readonly AttackCase[],
  outcomes: readonly CaseOutcome[],
  plain: ReadonlyMap<string, PlainOutcome> | null,
): string {
  const groups = Object.keys(GROUPS) as Group[];
  const sections = groups.flatMap((group) => {
    const own = cases.filter((one) => one.group === group);
    return own.length === 0 ? [] : [`## ${group}: ${GROUPS[group]}\n`, writeGroup(own, outcomes, plain)];
  });
  return [writeSummary(cases, outcomes, plain), ...sections].join("\n");
}

/** Counts by group: attacks, how many held here, how many the plain harness was tried on and accepted. */
export function writeSummary(
  cases: readonly AttackCase[],
  outcomes: readonly CaseOutcome[],
  plain: ReadonlyMap<string, PlainOutcome> | null,
): string {
  const row = (title: string, own: readonly AttackCase[]): string[] => {
    const names = new Set(own.map(({ name }) => name));
    const held = outcomes.filter((one) => names.has(one.name) && one.held).length;
    const cheats = own.filter(({ expect }) => !expect.includes("accepted"));
    const tried = cheats.filter(({ name }) => (plain?.get(name) ?? "not tried") !== "not tried").length;
    const fooled = cheats.filter(({ name }) => plain?.get(name) === "accepted").length;
    return [title, String(own.length), String(held), tried === 0 ? "not tried" : `${fooled} of ${tried}`];
  };
  const groups = (Object.keys(GROUPS) as Group[])
    .map((group) => [group, cases.filter((one) => one.group === group)] as const)
    .filter(([, own]) => own.length > 0);
  return markdownTable([
    ["group", "attacks", "held by assay", "cheats that the plain harness accepts"],
    ...groups.map(([group, own]) => row(`${group}: ${GROUPS[group]}`, own)),
    row("all", cases),
  ]);
}

/** Every attack on a line, without what it tries: name, verdicts expected, verdict given, plain harness. */
export function writeShortTable(
  cases: readonly AttackCase[],
  outcomes: readonly CaseOutcome[],
  plain: ReadonlyMap<string, PlainOutcome> | null,
): string {
  const byName = new Map(outcomes.map((one) => [one.name, one]));
  const rows = (Object.keys(GROUPS) as Group[]).flatMap((group) =>
    cases
      .filter((one) => one.group === group)
      .map((one) => [
        group,
        `\`${one.name}\``,
        one.expect.join(", "),
        assayCell(byName.get(one.name)),
        harnessCell(one, plain),
      ]),
  );
  return markdownTable([["", "attack", "expected", "assay", "plain harness"], ...rows]);
}

function assayCell(outcome: CaseOutcome | undefined): string {
  if (outcome === undefined) return "";
  return outcome.held ? outcome.got : `**${outcome.got}: ${outcome.reasons.join("; ")}**`;
}

function writeGroup(
  cases: readonly AttackCase[],
  outcomes: readonly CaseOutcome[],
  plain: ReadonlyMap<string, PlainOutcome> | null,
): string {
  const byName = new Map(outcomes.map((one) => [one.name, one]));
  const rows = cases.map((one) => {
    const { name, shape, tries, falls_for_it: fallsForIt, expect } = one;
    const results = [assayCell(byName.get(name)), harnessCell(one, plain)];
    return [`\`${name}\``, shape, escapeMarks(tries), escapeMarks(fallsForIt), expect.join(", "), ...results];
  });
  const heading = ["attack", "shape", "tries", "known to fall for it", "expected", "assay", "plain harness"];
  return markdownTable([heading, ...rows]);
}

function harnessCell(one: AttackCase, plain: ReadonlyMap<string, PlainOutcome> | null): string {
  if (plain === null || whyNotTried(one) !== null) return "not tried";
  const outcome = plain.get(one.name) ?? "not tried";
  return outcome === "accepted" && !one.expect.includes("accepted") ? "**accepted (fooled)**" : outcome;
}

function markdownTable(rows: readonly (readonly string[])[]): string {
  const [heading = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return line(heading) + line(heading.map(() => "---")) + body.map(line).join("");
}

/** Prose of a case as Markdown shows it: `__reduce__` is no emphasis. */
function escapeMarks(text: string): string {
  return text.replace(/[\\`*_<>[\]|]/g, "\\$&");
}
