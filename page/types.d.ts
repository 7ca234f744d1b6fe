import type { describeFailures, describeService, describeState } from "../src/server/page/state.js";

/** What the service tells, by the functions that put it together. */
export type ServiceFacts = ReturnType<typeof describeService>;
export type State = ReturnType<typeof describeState>;
export type Failure = ReturnType<typeof describeFailures>[number];

/** How things stand between the page and the service. */
export type Connection =
  | { readonly is: "connecting" | "live" | "wants token" | "wrong token" }
  | { readonly is: "lost"; readonly why: string; readonly retryAt: number };

/** An answer of the native routes as the playground reads it: of all fields, any can be missing. */
export interface Answer {
  readonly verdict?: string;
  readonly ending?: string;
  readonly tests?: { readonly total: number; readonly run: number; readonly passed: number };
  readonly first_failure?: Readonly<Record<"input" | "expected" | "actual" | "stderr", string>> | null;
  readonly usage?: Readonly<Record<"cpu_ms" | "wall_ms" | "peak_memory_kb" | "queue_ms", number>>;
  readonly extraction?: { readonly rule: string };
  readonly stdout?: string;
  readonly stderr?: string;
  readonly detail?: string;
  readonly exit_code?: number | null;
  readonly signal?: number | null;
  readonly cached?: boolean;
  readonly error?: { readonly kind: string; readonly message: string; readonly field: string | null };
}
