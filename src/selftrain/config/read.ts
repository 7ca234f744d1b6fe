import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { InputError } from "../../errors.js";
import { explain } from "../../grading/input/lines.js";
import { checkTogether } from "./check.js";
import { fillEnvironment, Secrets } from "./environment.js";
import { configSchema, type SelftrainConfig } from "./schema.js";

type Path = readonly (string | number)[];

export interface LoadedConfig {
  readonly config: SelftrainConfig;
  /** The same with `${NAME}` where the file has it: this is what is written down. */
  readonly recorded: Record<string, z.core.util.JSONType>;
  readonly secrets: Secrets;
  /** A path of the file, seen from here. */
  readonly resolve: (path: string) => string;
}

/**
 * Reads the configuration of a run: YAML (or JSON), checked, with defaults and variables of the environment filled in.
 *
 * @throws InputError with file, line and field
 */
export async function readConfig(file: string, environment: NodeJS.ProcessEnv): Promise<LoadedConfig> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new InputError(explain(error), { file });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [flaw] = document.errors;
  if (flaw !== undefined) throw new InputError(flaw.message, { file, line: lines.linePos(flaw.pos[0]).line });

  const place = (path: Path) => ({ file, line: findLine(document, lines, path), field: path.join(".") || undefined });
  const secrets = new Secrets();
  const { value, written, missing } = fillEnvironment(document.toJS(), environment, secrets);
  const [lack] = missing;
  if (lack !== undefined) {
    throw new InputError(`the environment has no variable ${lack.name}`, place(lack.path));
  }
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = deepest(parsed.error.issues);
    throw new InputError(secrets.redact(message), place(path));
  }
  const flawed = checkTogether(parsed.data);
  if (flawed !== null) throw new InputError(flawed.problem, place(flawed.path));

  const recorded = structuredClone(parsed.data) as LoadedConfig["recorded"];
  for (const { path, text } of written) putAt(recorded, path, text);
  return { config: parsed.data, recorded, secrets, resolve: (path) => resolve(dirname(file), path) };
}

/** Of the reasons why no form of a union fits, the one that got furthest into it says most. */
function deepest(issues: readonly z.core.$ZodIssue[], above: Path = []): { path: Path; message: string } {
  const [issue] = issues;
  if (issue === undefined) return { path: above, message: "cannot be read" };
  const path = [...above, ...(issue.path as Path)];
  if (issue.code !== "invalid_union") return { path, message: issue.message };
  const inner = issue.errors
    .filter((errors) => errors.length > 0)
    .map((errors) => deepest(errors, path))
    .sort((a, b) => b.path.length - a.path.length);
  return inner[0] ?? { path, message: issue.message };
}

/** The line of a field, or of the nearest field around it that the file has. */
function findLine(document: Document, lines: LineCounter, path: Path): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function putAt(tree: unknown, path: Path, text: string): void {
  const holder = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], tree);
  (holder as Record<string, unknown>)[String(path.at(-1))] = text;
}
