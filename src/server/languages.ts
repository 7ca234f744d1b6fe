import { basename } from "node:path";

import {
  findLanguage as findKnown,
  findVersion,
  isInstalled,
  listLanguages as listKnown,
  type Language as KnownLanguage,
} from "../sandbox/languages.js";

/** A language that programs can be run in here, with the names it goes by in each protocol. */
export interface Language {
  /** As `RunTask.language` has it. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** A compiler makes what is run; without one, a program that does not compile fails when it is run. */
  readonly compiled: boolean;
  /** Names of the main file and of the programs that compile and run it, as Judge0 shows them. */
  readonly sourceFile: string;
  readonly compiler: string | null;
  readonly runner: string;
  /** Its name in Piston, and other names there. */
  readonly piston: { readonly name: string; readonly aliases: readonly string[] };
  /** Its name in SandboxFusion, if that has it at all. */
  readonly sandboxFusion: string;
  /** Ids in Judge0's published lists; each is answered by the version above. */
  readonly judge0Ids: readonly number[];
  /** First words of a command line that mean this language (go-judge); none where its source cannot be executed. */
  readonly commands: readonly string[];
  /** Of the interpreter or compiler that is really used here, for instance `3.11.2`; asked once. */
  readonly version: () => Promise<string>;
}

/** The languages whose toolchains are installed now, the one place that every protocol's list is made from. */
export function listLanguages(): readonly Language[] {
  return listKnown().filter(isInstalled).map(describe);
}

/** The ids of all languages that assay knows, installed or not. */
export function listLanguageIds(): readonly string[] {
  return listKnown().map(({ id }) => id);
}

/** The language of that id or alias, if it is installed; else what to tell the client. */
export function findLanguage(name: string): Language | { readonly missing: string } {
  const known = findKnown(name);
  if (known !== null && isInstalled(known)) return describe(known);
  if (known !== null) return { missing: `${known.name} is not installed here` };
  const installed = listLanguages().map(({ id }) => id);
  return { missing: `must be one of ${installed.join(", ")}` };
}

/** The language that has this id in Judge0's list. */
export function findByJudge0Id(id: number): Language | undefined {
  return listLanguages().find(({ judge0Ids }) => judge0Ids.includes(id));
}

/** The language whose interpreter a command line starts with. */
export function findByCommand(command: string): Language | undefined {
  const name = command.replace(/^\/(?:usr\/(?:local\/)?)?bin\//, "");
  return listLanguages().find(({ commands }) => commands.includes(name));
}

/** The language of that name in SandboxFusion. */
export function findBySandboxFusion(name: string): Language | undefined {
  return listLanguages().find(({ sandboxFusion }) => sandboxFusion === name);
}

const described = new WeakMap<KnownLanguage, Language>();

function describe(known: KnownLanguage): Language {
  const made = described.get(known) ?? make(known);
  described.set(known, made);
  return made;
}

function make(known: KnownLanguage): Language {
  const { id, family, name, aliases, manifest } = known;
  const isVariant = id !== family;
  // The names elsewhere are those of the language itself.
  const services = isVariant ? { judge0: [] } : manifest.services;
  const { compile, run } = manifest;
  const translated = manifest.translate !== undefined;
  const compiled = translated || (compile?.keep.length ?? 0) > 0;
  const programs = namePrograms(known);
  const piston = services.piston ?? id;
  return {
    ...{ id, name, compiled, judge0Ids: services.judge0 },
    sourceFile: manifest.sourceFile.replaceAll("{main}", manifest.mainName?.otherwise ?? "main"),
    compiler: !compiled ? null : compile === undefined ? id : nameCommand(compile.command, known),
    runner: run === undefined ? (programs[0] ?? id) : nameCommand(run.command, known),
    piston: { name: piston, aliases: [...new Set([id, ...aliases])].filter((alias) => alias !== piston) },
    sandboxFusion: services.sandboxFusion ?? id,
    commands: isVariant || translated || !executesSource(known) ? [] : [...new Set([id, ...aliases, ...programs])],
    version: () => findVersion(known),
  };
}

/** Whether what is run is the source itself, so that a command line can name it. */
function executesSource({ manifest: { run } }: KnownLanguage): boolean {
  return run === undefined || run.command.includes("{source}");
}

/** The interpreter's own names: those that run a program and that tell the version. */
function namePrograms({ manifest: { run, toolchain } }: KnownLanguage): string[] {
  const keys = run === undefined ? Object.keys(toolchain.programs) : [run.command[0], toolchain.version[0]];
  const paths = keys.flatMap((key = "") => (key === "{shell}" ? [] : (toolchain.programs[bare(key)] ?? [])));
  return [...new Set(paths.map((path) => basename(path)))];
}

/** What a command starts, without its place on this machine. */
function nameCommand([first = ""]: readonly string[], { manifest: { toolchain } }: KnownLanguage): string {
  return basename(toolchain.programs[bare(first)]?.[0] ?? first);
}

function bare(placeholder: string): string {
  return placeholder.replace(/[{}]/g, "");
}
