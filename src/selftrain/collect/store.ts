import type { Problem } from "../../grading/types.js";
import type { Cost, SampleRow } from "../records.js";
import { writeRows, type FileFacts } from "../folder/files.js";
import { RowLog, type Place } from "../folder/row-log.js";
import type { Range } from "./ask.js";
import { answerRow, verdictRow, type AnswerRow, type VerdictRow } from "./rows.js";

interface Held {
  readonly first: number;
  readonly count: number;
  readonly place: Place;
}

/**
 * Answers and verdicts of a step while it is at work: two logs that grow, and an index of them in memory. Texts stay on
 * disk. What was whole when a process ended is here again when the next one opens the store.
 */
export class Store {
  readonly #held = new Map<string, Held[]>();
  readonly #verdicts = new Map<string, Place>();
  #answers!: RowLog<AnswerRow>;
  #judged!: RowLog<VerdictRow>;
  #accepted = 0;
  #cost = { requests: 0, prompt: 0, completion: 0, graded: 0, cpuMs: 0, counted: true };

  private constructor() {}

  static async open(answersPath: string, verdictsPath: string): Promise<Store> {
    const store = new Store();
    store.#answers = await RowLog.open(answersPath, answerRow, (row, place) => store.#addAnswer(row, place));
    try {
      store.#judged = await RowLog.open(verdictsPath, verdictRow, (row, place) => {
        // What was our fault is judged again when the step goes on.
        if (row.verdict !== "infrastructure_error") store.#addVerdict(row, place);
      });
    } catch (error) {
      await store.#answers.close();
      throw error;
    }
    return store;
  }

  get judged(): number {
    return this.#verdicts.size;
  }

  get accepted(): number {
    return this.#accepted;
  }

  async keepAnswer(row: AnswerRow): Promise<void> {
    this.#addAnswer(row, await this.#answers.append(row));
  }

  async keepVerdict(row: VerdictRow): Promise<void> {
    this.#addVerdict(row, await this.#judged.append(row));
  }

  /** Ranges of at most `most` samples that no answer covers yet, in the order of the problems. */
  *missing(problems: readonly Problem[], samples: number, most: number): Generator<Range> {
    for (const problem of problems) {
      let next = 0;
      for (const { first, count } of [...(this.#held.get(problem.id) ?? []), { first: samples, count: 0 }]) {
        for (; next < first; next += Math.min(most, first - next)) {
          yield { problem, first: next, count: Math.min(most, first - next) };
        }
        next = Math.max(next, first + count);
      }
    }
  }

  /** Samples that are there and have no verdict. */
  async *unjudged(problems: readonly Problem[]): AsyncGenerator<{ problem: Problem; row: AnswerRow; at: number }> {
    for (const problem of problems) {
      for (const { first, count, place } of [...(this.#held.get(problem.id) ?? [])]) {
        const open = range(count).filter((at) => !this.#verdicts.has(nameSample(problem.id, first + at)));
        if (open.length === 0) continue;
        const row = await this.#answers.read(place);
        for (const at of open) yield { problem, row, at };
      }
    }
  }

  /** Writes both files of the step, in the order of the problems and samples. */
  async finish(
    problems: readonly Problem[],
    paths: { readonly samples: string; readonly verdicts: string },
  ): Promise<Map<string, FileFacts>> {
    return new Map([
      [paths.samples, await writeRows(paths.samples, this.#sampleRows(problems))],
      [paths.verdicts, await writeRows(paths.verdicts, this.#verdictRows(problems))],
    ]);
  }

  cost(): Cost {
    const { requests, prompt, completion, graded, cpuMs, counted } = this.#cost;
    return {
      requests,
      prompt_tokens: counted ? prompt : null,
      completion_tokens: counted ? completion : null,
      graded,
      grading_cpu_seconds: cpuMs / 1000,
      job_seconds: 0,
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#answers.close(), this.#judged.close()]);
  }

  async *#sampleRows(problems: readonly Problem[]): AsyncGenerator<SampleRow> {
    for (const { id } of problems) {
      for (const { place } of this.#held.get(id) ?? []) {
        const { task_id, first, seed, model, choices } = await this.#answers.read(place);
        for (const [at, { text, finish_reason }] of choices.entries()) {
          yield { task_id, sample: first + at, completion: text, finish_reason, model, seed: seed + at };
        }
      }
    }
  }

  async *#verdictRows(problems: readonly Problem[]): AsyncGenerator<VerdictRow> {
    for (const { id } of problems) {
      for (const { first, count } of this.#held.get(id) ?? []) {
        for (const at of range(count)) {
          const place = this.#verdicts.get(nameSample(id, first + at));
          if (place === undefined) throw new Error(`no verdict on sample ${first + at} of ${id}`);
          yield await this.#judged.read(place);
        }
      }
    }
  }

  #addAnswer({ task_id, first, choices, prompt_tokens, completion_tokens }: AnswerRow, place: Place): void {
    const held = this.#held.get(task_id) ?? [];
    this.#held.set(task_id, held);
    held.push({ first, count: choices.length, place });
    held.sort((a, b) => a.first - b.first);
    const cost = this.#cost;
    cost.requests += 1;
    cost.prompt += prompt_tokens ?? 0;
    cost.completion += completion_tokens ?? 0;
    if (prompt_tokens === null && completion_tokens === null) cost.counted = false;
  }

  #addVerdict(row: VerdictRow, place: Place): void {
    this.#verdicts.set(nameSample(row.task_id, row.sample), place);
    if (row.verdict === "accepted") this.#accepted += 1;
    if (row.cached) return;
    this.#cost.graded += 1;
    this.#cost.cpuMs += row.usage.cpu_ms;
  }
}

function nameSample(taskId: string, sample: number): string {
  return `${taskId}\0${sample}`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
