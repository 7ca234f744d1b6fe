import PQueue from "p-queue";

import { SandboxUnavailableError } from "../errors.js";
import { Cell } from "./cell.js";
import type { CellCounts, Enforcement, Lease, Program, RunResult, RunSpec, Sandbox } from "./contract.js";
import type { CommandLanguage } from "./commands.js";
import { compileOnce } from "./compile.js";
import { checkFiles } from "./files.js";
import { JAVASCRIPT, namesNode } from "./javascript.js";
import { hasProc } from "./jail.js";
import { SEED_FEATURE, type Tier } from "./jail-parts.js";
import { LIBRARIES } from "./libraries.js";
import { KnownPrograms, type KnownProgram, type LoadedProgram } from "./programs.js";
import { infrastructureError } from "./running.js";
import { explainTranslation, TRANSLATION_LIMITS, translationOf, type Translation } from "./translate.js";
import { readableBesides, whatRuns } from "./what-runs.js";

/** A cell is replaced after this many runs, so that nothing that grows slowly grows for ever. */
const RUNS_PER_CELL = 20_000;
/** Programs in a cell: one that runs, and one behind it, so that the cell need not wait for us between the two. */
const PROGRAMS_PER_CELL = 2;
/** So many cells that end before a run can begin in them, one after the other, and no further one is started for it. */
const MOST_FRUITLESS_CELLS = 20;
/** Compared by identity: one list for each kind of cell. */
const FEATURES: readonly (readonly string[])[] = LIBRARIES.map(({ name }) => [name]);
const NODE = ["node"];
const PLAIN: readonly string[] = [];
const LARGEST_SEED = 2 ** 32 - 1;

/** A cell with the number of programs that are in it. */
interface Place {
  readonly kind: string;
  readonly features: readonly string[];
  readonly cell: Promise<Cell>;
  programs: number;
  /** False once no further program may go in. */
  open: boolean;
  /** For one program alone, as long as that is in it. */
  reserved: boolean;
}

/** A program in cells of one kind. */
interface Stay {
  /** As it was asked for, which may be in another language than it is run in. */
  readonly asked: Program;
  /** Nobody else may be in its cell. */
  readonly isAlone: boolean;
  readonly kind: string;
  readonly features: readonly string[];
  readonly loaded: KnownProgram;
  place: Place;
}

/** Cells that are up, filled with one program after the other. */
export class Pool implements Sandbox {
  readonly #queue: PQueue;
  readonly #places = new Set<Place>();
  readonly #programs = new KnownPrograms();
  readonly #seeded = new Map<string, readonly string[]>();
  #started = 0;
  #disposed = false;

  constructor(
    readonly size: number,
    private readonly tier: Tier,
    readonly enforcement: Enforcement,
    first: Cell,
  ) {
    this.#queue = new PQueue({ concurrency: size * PROGRAMS_PER_CELL });
    this.#started = 1;
    this.#places.add({
      kind: first.kind,
      features: PLAIN,
      cell: Promise.resolve(first),
      programs: 0,
      open: true,
      reserved: false,
    });
  }

  /** Admits the program when there is room. Its time begins when it is run, never in the queue. */
  async withProgram<T>(asked: Program, use: (lease: Lease) => Promise<T>): Promise<T> {
    const began = performance.now();
    return this.#queue.add(async () => {
      const queueMs = performance.now() - began;
      // Most programs are run in one way only; one that is also judged is in cells of two kinds.
      const stays: Stay[] = [];
      try {
        return await use(this.#lease(asked, queueMs, stays, false));
      } finally {
        for (const { loaded, place } of stays) {
          this.#programs.weigh(loaded);
          await this.#leave(place);
        }
      }
    });
  }

  /** The program in the language that it is run in, made once; or what stands against running it. */
  async #translate(program: Program, { kind, to, request }: Translation): Promise<Program | RunResult> {
    const loaded = this.#programs.load(request, PLAIN, null, true);
    loaded.compiling ??= (async () => {
      const place = this.#enter(kind, PLAIN, false);
      const stay: Stay = { asked: request, isAlone: false, kind, features: PLAIN, loaded, place };
      try {
        const result = await this.#carryOut(stay, loaded, { limits: TRANSLATION_LIMITS });
        if (result.ending === "infrastructure_error") loaded.compiling = null;
        return explainTranslation(result, loaded);
      } finally {
        await this.#leave(stay.place);
        this.#programs.weigh(loaded);
      }
    })();
    const problem = await loaded.compiling;
    return problem ?? { ...program, language: to, source: loaded.compiled?.toString() ?? "" };
  }

  /** A lease of one program; where it stays is put down in `stays`. */
  #lease(asked: Program, queueMs: number, stays: Stay[], isAlone: boolean): Lease {
    const translation = translationOf(asked);
    let program = asked;
    const run = async (spec: RunSpec): Promise<RunResult> => {
      checkFiles(spec);
      if (translation !== null) {
        const translated = await this.#translate(asked, translation);
        if ("ending" in translated) return translated;
        program = translated;
      }
      const language = whatRuns(program, spec.judge !== undefined);
      if ("refused" in language) return infrastructureError(language.refused);
      const { command, kind } = language;
      if (command?.needsProc === true && !(await hasProc(this.tier))) {
        return infrastructureError(`${program.language} needs /proc, which cells do not have here`);
      }
      let stay = stays.find((stay) => stay.asked === asked && stay.kind === kind);
      if (stay === undefined) stays.push((stay = this.#begin(asked, program, kind, command, isAlone)));
      const { loaded } = stay;
      const carryOut = (what: LoadedProgram, how: RunSpec): Promise<RunResult> => this.#carryOut(stay, what, how);
      if (command === null) return carryOut(loaded, spec);
      const problem = await compileOnce(loaded, program, command, carryOut);
      if (problem !== null) return problem;
      const result = await carryOut(loaded, { ...spec, limits: command.withRuntime(spec.limits) });
      return loaded.compilation === null ? result : { ...result, compilation: loaded.compilation };
    };
    return { queueMs, run, besides: (other) => this.#lease({ ...other }, queueMs, stays, true) };
  }

  #begin(asked: Program, program: Program, kind: string, command: CommandLanguage | null, isAlone: boolean): Stay {
    const features = command === null ? this.#featuresFor(program, kind) : readableBesides();
    const loaded = this.#programs.load(program, features, command);
    return { asked, isAlone, kind, features, loaded, place: this.#enter(kind, features, isAlone) };
  }

  /** One run in the cell that a program is in, or in another one where that was given up before the run began. */
  async #carryOut(stay: Stay, what: LoadedProgram, spec: RunSpec): Promise<RunResult> {
    for (let fruitless = 0; ;) {
      const entered = stay.place;
      let result: RunResult | null;
      try {
        const cell = await entered.cell;
        result = await cell.run(what, spec);
        fruitless = cell.runs === 0 ? fruitless + 1 : 0;
      } catch (error) {
        return infrastructureError(error instanceof Error ? error.message : String(error));
      }
      if (result !== null) return result;
      if (this.#disposed) return infrastructureError("the sandbox was stopped");
      if (fruitless === MOST_FRUITLESS_CELLS) return infrastructureError("cells end before a run begins in them");
      // Whichever run sees it first moves the program to another, at once: its other runs must find it moved, or it
      // would leave here and enter there once for each of them.
      if (stay.place === entered) {
        entered.open = false;
        stay.place = this.#enter(stay.kind, stay.features, stay.isAlone);
        await this.#leave(entered);
      }
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#queue.clear();
    await Promise.all([...this.#places].map((place) => this.#close(place)));
    await this.#queue.onIdle();
    await Promise.all([...this.#places].map((place) => this.#close(place)));
  }

  stats(): CellCounts {
    const busy = [...this.#places].filter(({ programs }) => programs > 0).length;
    return { up: this.#places.size, busy, started: this.#started };
  }

  /**
   * What a program needs of its cell; the same list each time for the same needs. A library is loaded only where
   * a program names it: every other child would pay for copying its pages.
   */
  #featuresFor({ source, seed = 0 }: Program, kind: string): readonly string[] {
    if (kind === JAVASCRIPT) return namesNode(source) ? NODE : PLAIN;
    const { libraries = [] } = this.enforcement;
    const named = ([name = ""]: readonly string[]) => libraries.includes(name) && source.includes(name);
    const plain = FEATURES.find(named) ?? PLAIN;
    if (seed === 0) return plain;
    if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED) throw new RangeError(`${seed} is no seed`);
    const features = [...plain, `${SEED_FEATURE}${seed}`];
    const key = features.join();
    const known = this.#seeded.get(key) ?? features;
    this.#seeded.set(key, known);
    return known;
  }

  /**
   * A place for one more program: an idle cell, else a new one while processors are free, else behind another program.
   * One that is to be alone gets a new cell where none is idle: what it works for waits for it meanwhile.
   */
  #enter(kind: string, features: readonly string[], isAlone: boolean): Place {
    const fitting = [...this.#places].filter(
      (place) => place.open && !place.reserved && place.kind === kind && place.features === features,
    );
    const emptiest = fitting.reduce<Place | null>(
      (best, place) => (best && best.programs <= place.programs ? best : place),
      null,
    );
    const busy = [...this.#places].filter(({ programs, reserved }) => programs > 0 && !reserved).length;
    const mayStart = emptiest === null || (emptiest.programs > 0 && (isAlone || busy < this.size));
    const place = mayStart ? this.#start(kind, features) : emptiest;
    place.programs += 1;
    place.reserved = isAlone;
    return place;
  }

  #start(kind: string, features: readonly string[]): Place {
    // Idle cells of another kind are kept for the next program of theirs, but not more than can work at a time.
    const spare = [...this.#places].filter((place) => place.programs === 0);
    if (spare.length >= this.size && spare[0] !== undefined) void this.#close(spare[0]);
    const cell = this.#disposed
      ? Promise.reject(new Error("the sandbox was stopped"))
      : Cell.start(kind, features, this.#started++, this.tier);
    const place: Place = { kind, features, cell, programs: 0, open: true, reserved: false };
    this.#places.add(place);
    cell.catch(() => {
      place.open = false;
      this.#places.delete(place);
    });
    return place;
  }

  async #leave(place: Place): Promise<void> {
    place.programs -= 1;
    place.reserved = false;
    const cell = await place.cell.catch(() => null);
    if (cell === null) return;
    if (!cell.usable || cell.runs >= RUNS_PER_CELL) place.open = false;
    if (!place.open && place.programs === 0) void this.#close(place);
  }

  async #close(place: Place): Promise<void> {
    place.open = false;
    const cell = await place.cell.catch(() => null);
    await cell?.dispose();
    this.#places.delete(place);
  }
}

/** The error of a machine on which no cell comes up. */
export function unavailable(reason: string): SandboxUnavailableError {
  return new SandboxUnavailableError(`no sandbox can be started here: ${reason}`);
}
