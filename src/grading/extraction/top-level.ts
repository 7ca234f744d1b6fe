import { scanLines } from "./python-lines.js";

/** What a Python source defines at its top level. */
export interface TopLevel {
  /** Functions, classes and assigned names. */
  readonly names: ReadonlySet<string>;
  /** What `class Solution` defines, or null without such a class. */
  readonly methods: ReadonlySet<string> | null;
  /** `class Solution` has base classes, so that its methods may come from elsewhere. */
  readonly inherits: boolean;
}

const NAME = String.raw`[\p{ID_Start}_][\p{ID_Continue}]*`;
const DEFINITION = new RegExp(String.raw`^(?:(?:async[ \t]+)?def|class)[ \t]+(${NAME})`, "u");
const ASSIGNMENT = new RegExp(String.raw`^(${NAME}(?:[ \t]*,[ \t]*${NAME})*)[ \t]*(?::[^=]*)?=(?!=)[ \t]*`, "u");
/** Assignments are read this far: enough for any list of names, and bounded for hostile lines. */
const LONGEST_TARGET = 2000;
const SOLUTION = /^class[ \t]+Solution[ \t]*(\(?)/;

/** Names defined by one statement, given the skeleton of its first line without indentation. */
export function definedNames(statement: string): string[] {
  const definition = DEFINITION.exec(statement);
  if (definition?.[1] !== undefined) return [definition[1]];
  const names: string[] = [];
  // `a = b = value` assigns to both.
  let rest = statement.slice(0, LONGEST_TARGET);
  for (let match = ASSIGNMENT.exec(rest); match !== null && names.length < 64; match = ASSIGNMENT.exec(rest)) {
    names.push(...(match[1] ?? "").split(",").map((name) => name.trim()));
    rest = rest.slice(match[0].length);
  }
  return names;
}

/** Finds what `source` defines at the top level; definitions under an `if` or in a function do not count. */
export function scanTopLevel(source: string): TopLevel {
  const names = new Set<string>();
  let methods: Set<string> | null = null;
  let inherits = false;
  let inSolution = false;
  let methodIndent: number | null = null;
  for (const line of scanLines(source)) {
    if (!line.startsStatement) continue;
    const statement = line.skeleton.trimStart();
    if (statement === "") continue;
    const indent = line.skeleton.length - statement.length;
    if (indent === 0) {
      for (const name of definedNames(statement)) names.add(name);
      const solution = SOLUTION.exec(statement);
      inSolution = solution !== null && names.has("Solution");
      if (inSolution) {
        methods = new Set();
        inherits = solution?.[1] === "(";
        methodIndent = null;
      }
    } else if (inSolution) {
      methodIndent ??= indent;
      if (indent === methodIndent) for (const name of definedNames(statement)) methods?.add(name);
    }
  }
  return { names, methods, inherits };
}
