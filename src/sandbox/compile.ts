import type { CommandLanguage } from "./commands.js";
import type { Compilation, Program, RunResult, RunSpec } from "./contract.js";
import { loadCompiler, type KnownProgram, type LoadedProgram } from "./programs.js";

/** What is shown of a compiler's words: the first ones say most. */
const MESSAGE_LETTERS = 4000;

/**
 * Has a program compiled, unless somebody has seen to that already. What stands against running it: a `compile_error`
 * or a fault of ours; null where nothing does.
 */
export function compileOnce(
  loaded: KnownProgram,
  program: Program,
  language: CommandLanguage,
  carryOut: (what: LoadedProgram, spec: RunSpec) => Promise<RunResult>,
): Promise<RunResult | null> {
  const limits = language.compilerLimits(program);
  if (limits === null) return Promise.resolve(null);
  loaded.compiling ??= (async () => {
    const compiler = loadCompiler(program, language, loaded.source);
    const result = await carryOut(compiler, { limits });
    // The next one who wants it may have more luck.
    if (result.ending === "infrastructure_error") loaded.compiling = null;
    const problem = explain(result, limits.cpuMs, compiler, language);
    if (problem === null) loaded.compiled = compiler.compiled ?? loaded.source;
    if (!language.keepsFiles || result.ending === "infrastructure_error") return problem;
    loaded.compilation = describe(result, problem);
    return problem === null ? null : { ...problem, compilation: loaded.compilation };
  })();
  return loaded.compiling;
}

/** A compiler that ended well and left nothing to be run has failed too. */
function describe(result: RunResult, problem: RunResult | null): Compilation {
  const { ending, exitCode, signal, stdout, stderr, usage, detail } = result;
  const told = { ending, exitCode, signal, stdout, stderr, usage, detail };
  if (problem === null || ending !== "finished") return told;
  return { ...told, ending: "runtime_error", exitCode: 1, stderr: Buffer.from(problem.detail), detail: problem.detail };
}

function explain(
  result: RunResult,
  cpuMs: number,
  { compiled }: LoadedProgram,
  language: CommandLanguage,
): RunResult | null {
  const failed = (why: string): RunResult => ({ ...result, ending: "compile_error", detail: why });
  const words = Buffer.concat([result.stderr, result.stdout]).toString("utf8").trim();
  const message = words.length > MESSAGE_LETTERS ? `${words.slice(0, MESSAGE_LETTERS)} …` : words;
  switch (result.ending) {
    case "infrastructure_error":
      return result;
    case "finished":
      if (compiled !== null || !language.keepsFiles) return null;
      return failed(message || "the compiler left no program, or one that is too large");
    case "time_limit":
      return failed(`the compiler took more than ${cpuMs / 1000} s`);
    case "memory_limit":
      return failed("the compiler took too much memory");
    case "output_limit":
      return failed(`the compiler wrote too much\n${message}`);
    default:
      return failed(message || result.detail);
  }
}
