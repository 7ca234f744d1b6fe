/** What a checker says of an output, or why it says nothing. */
export type Decision =
  | { readonly outcome: "right" }
  | { readonly outcome: "wrong"; readonly message: string }
  /** The checker itself is at fault, or the test. */
  | { readonly outcome: "invalid_problem"; readonly message: string }
  /** The machine is at fault; another attempt may do better. */
  | { readonly outcome: "infrastructure_error"; readonly message: string };

export const RIGHT: Decision = { outcome: "right" };

export function wrong(message: string): Decision {
  return { outcome: "wrong", message };
}

export function broken(message: string): Decision {
  return { outcome: "invalid_problem", message };
}
