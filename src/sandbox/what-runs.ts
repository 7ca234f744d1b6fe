import { CommandLanguage } from "./commands.js";
import type { Program } from "./contract.js";
import { COMMANDS } from "./jail-parts.js";
import { findLanguage, howToInstall, isInstalled, listLanguages, locateToolchain, type Language } from "./languages.js";

/** The kind of cell that a program belongs in, with its language where it is a command; or why there is none. */
export type WhatRuns =
  { readonly kind: string; readonly command: CommandLanguage | null } | { readonly refused: string };

const known = new Map<string, CommandLanguage>();

/** Of a program that is run, or whose functions a judge calls. */
export function whatRuns({ language: name }: Program, isJudged: boolean): WhatRuns {
  const language = findLanguage(name);
  if (language === null) return { refused: `there is no language ${JSON.stringify(name.slice(0, 100))}` };
  const { warden, run } = language.manifest;
  if (warden !== undefined && (isJudged || run === undefined)) return { kind: warden, command: null };
  if (isJudged) throw new RangeError(`programs in ${language.id} have no judge`);
  if (run === undefined) return { refused: `${language.name} cannot be run` };
  const command = known.get(language.id) ?? findToolchain(language);
  if (command === null) return { refused: `${language.name} is not installed here (${howToInstall(language)})` };
  known.set(language.id, command);
  return { kind: COMMANDS, command };
}

/** Looked for again as long as it is not there: it may be installed while the service runs. */
function findToolchain(language: Language): CommandLanguage | null {
  const toolchain = locateToolchain(language.manifest);
  return isMissing(toolchain) ? null : new CommandLanguage(language, toolchain);
}

function isMissing(toolchain: ReturnType<typeof locateToolchain>): toolchain is readonly string[] {
  return Array.isArray(toolchain);
}

let readable: readonly string[] | undefined;

/** What the cells for commands show beside the system: one kind of cell serves all languages that are installed. */
export function readableBesides(): readonly string[] {
  readable ??= [
    ...new Set(
      listLanguages()
        .filter(isInstalled)
        .flatMap(({ manifest }) => manifest.readable),
    ),
  ].sort();
  return readable;
}
