import type { Limits, Program, RunResult } from "./contract.js";
import { findLanguage, type Language } from "./languages.js";
import { resolveLimits } from "./limits.js";
import type { KnownProgram } from "./programs.js";

/** What a program in a translated language may take of the compiler, whatever it may use itself. */
export const TRANSLATION_LIMITS: Limits = resolveLimits({ cpuMs: 10_000, wallMs: 60_000, memoryKb: 2 << 20 });

/** How programs of a language are made programs of another: the kind of cell, and the other language. */
export interface Translation {
  readonly kind: string;
  readonly to: string;
  /** The program as the cell's warden reads it. */
  readonly request: Program;
}

/** Null for a program that is run as it is. */
export function translationOf(program: Program): Translation | null {
  const language = findLanguage(program.language);
  const translate = language?.manifest.translate;
  if (language === null || translate === undefined) return null;
  const head = JSON.stringify({ check: settingOf(language) === "yes" });
  return {
    ...{ kind: translate.warden, to: translate.to },
    request: { language: language.id, source: `${head}\n${program.source}` },
  };
}

function settingOf({ settings }: Language): string | undefined {
  return settings.check;
}

/** What stands against running the outcome: a `compile_error` or a fault of ours; null where nothing does. */
export function explainTranslation(result: RunResult, { compiled }: KnownProgram): RunResult | null {
  const failed = (why: string): RunResult => ({ ...result, ending: "compile_error", detail: why });
  switch (result.ending) {
    case "finished":
      return compiled === null ? failed("the compiler left no program") : null;
    case "time_limit":
      return failed(`the compiler took more than ${TRANSLATION_LIMITS.cpuMs / 1000} s`);
    case "memory_limit":
      return failed("the compiler took too much memory");
    default:
      return result;
  }
}
