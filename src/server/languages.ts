import type { Enforcement } from "../sandbox/contract.js";

/** A language that programs can be run in, with the names it goes by in each protocol. */
export interface Language {
  /** As `RunTask.language` has it. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Of the interpreter or compiler that is really used here, for instance `3.11.2`. */
  readonly version: string;
  /** Has a compile stage of its own; without one, a program that does not compile fails when it is run. */
  readonly compiled: boolean;
  readonly sourceFile: string;
  /** Other names in Piston. */
  readonly aliases: readonly string[];
  /** Ids in Judge0's published lists; each is answered by the version above. */
  readonly judge0Ids: readonly number[];
  /** First words of a command line that mean this language (go-judge). */
  readonly commands: readonly string[];
}

const PYTHON: Omit<Language, "version"> = {
  id: "python",
  name: "Python",
  compiled: false,
  sourceFile: "script.py",
  aliases: ["py", "py3", "python3"],
  // In Judge0 CE: 3.8.1, 3.11.2, 3.12.5 and 3.13.2. Its Python 2 (70) is none of ours.
  judge0Ids: [71, 92, 100, 109],
  commands: ["python3", "python", "/usr/bin/python3", "/usr/bin/python", "/usr/local/bin/python3"],
};

/** The languages that can be run, the one place that every protocol's list is made from. */
export function listLanguages({ runtime }: Enforcement): readonly Language[] {
  return [{ ...PYTHON, version: /\d+(\.\d+)*/.exec(runtime)?.[0] ?? "3" }];
}

/** The language that has this id in Judge0's list. */
export function findByJudge0Id(languages: readonly Language[], id: number): Language | undefined {
  return languages.find(({ judge0Ids }) => judge0Ids.includes(id));
}

/** The language whose interpreter a command line starts with. */
export function findByCommand(languages: readonly Language[], command: string): Language | undefined {
  return languages.find(({ commands }) => commands.includes(command));
}
