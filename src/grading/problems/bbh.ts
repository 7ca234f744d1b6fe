import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { z } from "zod";
import { InputError } from "../../errors.js";
import { explain } from "../input/lines.js";
import type { FewShot, Problem } from "../types.js";
import { findFieldFault } from "./field-fault.js";

const schema = z.object({
  examples: z.array(z.object({ input: z.string().min(1), target: z.string().min(1) })).min(1),
});

const TASK_FILE = /\.json(?:\.gz)?$/;
/** Prompt files begin with a notice, which is no part of the prompt. */
const NOTICE_END = "\n-----\n";
const STEP_BY_STEP = /\nA: Let's think step by step\.\s/;

/** How questions of a set with demonstrations end: behind these a model goes on with its answer. */
const ENDINGS = { direct: "\nA:", chainOfThought: "\nA: Let's think step by step." } as const;

/** Whether a JSON document is a task of BIG-Bench Hard, by its fields. */
export function isBbhTask(fields: ReadonlyMap<string, string>): boolean {
  return fields.has("examples") && !fields.has("answer");
}

/**
 * One task of BIG-Bench Hard (Suzgun et al., 2022, arXiv:2210.09261): `{"examples": [{"input", "target"}, …]}`. Its
 * demonstrations are read from `cot-prompts/<task>.txt` beside the task's folder, where they are there.
 *
 * @throws InputError for a file that is none
 */
export async function readBbhTask(file: string): Promise<Problem[]> {
  const task = basename(file).replace(TASK_FILE, "");
  const parsed = schema.safeParse(await readJson(file));
  if (!parsed.success) {
    const { field, message } = findFieldFault(parsed.error);
    throw new InputError(`is no task of BIG-Bench Hard: ${message}`, { file, field });
  }
  const fewShot = await readDemonstrations(join(dirname(resolve(file)), "..", "cot-prompts", `${task}.txt`));
  return parsed.data.examples.map(({ input, target }, index) => ({
    id: `BBH/${task}/${index}`,
    aliases: [`${task}/${index}`],
    format: "bbh",
    prompt: input,
    ...(fewShot === null ? {} : { fewShot }),
    entryPoint: null,
    starterCode: "",
    difficulty: task,
    tests: { kind: "answer", answer: target, policy: "bbh" },
    references: [target],
    limits: {},
    invalid: null,
  }));
}

/**
 * BIG-Bench Hard as it was published (`bbh/<task>.json` and `cot-prompts/`), or its folder of tasks alone.
 * @returns the problems by task and place; empty where the folder holds no tasks
 * @throws InputError for a task that cannot be read
 */
export async function readBbhFolder(folder: string): Promise<Problem[]> {
  const inner = join(folder, "bbh");
  const tasks = existsSync(inner) ? inner : folder;
  const names = (await readdir(tasks)).filter((name) => TASK_FILE.test(name)).sort();
  const [first] = names;
  if (first === undefined || !isTask(await readJson(join(tasks, first)))) return [];
  const problems: Problem[] = [];
  for (const name of names) problems.push(...(await readBbhTask(join(tasks, name))));
  return problems;
}

/** The prompt that a problem's question is put to a model with, behind its demonstrations. */
export function writeFewShotPrompt({ prompt, fewShot }: Problem, mode: keyof FewShot): string {
  return fewShot === undefined ? prompt : `${fewShot[mode]}Q: ${prompt}${ENDINGS[mode]}`;
}

function isTask(document: unknown): boolean {
  return (
    typeof document === "object" && document !== null && Array.isArray((document as { examples?: unknown }).examples)
  );
}

async function readJson(file: string): Promise<unknown> {
  try {
    const bytes = await readFile(file);
    const text = file.endsWith(".gz") ? await promisify(gunzip)(bytes) : bytes;
    return JSON.parse(text.toString("utf8"));
  } catch (error) {
    throw new InputError(error instanceof SyntaxError ? `not valid JSON: ${error.message}` : explain(error), { file });
  }
}

/** Both kinds of demonstrations from the one published: direct ones are its questions with the answers alone. */
async function readDemonstrations(file: string): Promise<FewShot | null> {
  if (!existsSync(file)) return null;
  const text = (await readFile(file, "utf8")).replaceAll("\r\n", "\n");
  const notice = text.indexOf(NOTICE_END);
  const body = (notice === -1 ? text : text.slice(notice + NOTICE_END.length)).trim();
  const [task = "", ...shots] = body.split("\n\nQ: ");
  const direct = shots.map((shot) => {
    const [question = "", reasoning = ""] = shot.split(STEP_BY_STEP);
    const answer = reasoning.slice(reasoning.lastIndexOf("the answer is ") + "the answer is ".length);
    return `Q: ${question}\nA: ${answer.trim().replace(/\.$/, "")}\n\n`;
  });
  return { direct: `${task}\n\n${direct.join("")}`, chainOfThought: `${body}\n\n` };
}
