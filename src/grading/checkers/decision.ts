/** What a checker says of an output, or why it says nothing. */
export type Decision =
  | { readonly outcome: "right" }
  | { readonly outcome: "wrong"; readonly message: string }
  /** The checker itself is at fault, or the test. */
  | { readonly outcome: "invalid_problem"; readonly message: string }
  /** The machine is at fault; another attempt may do better. */
  | { readonly outcome: "infrastructure_error"; readonly message: string };

/** What one run of a checker or an interactor comes to: a decision, or that it ended without one. */
export type Reading = Decision | { readonly outcome: "undecided"; readonly message: string };

export const RIGHT: Decision = { outcome: "right" };

export function wrong(message: string): Decision {
  return { outcome: "wrong", message };
}

export function broken(message: string): Decision {
  return { outcome: "invalid_problem", message };
}

/** It crashed, ran into a limit or said nothing that its protocol knows. */
export function undecided(message: string): Reading {
  return { outcome: "undecided", message };
}

/**
 * Who is at fault where a judging program did not decide over a candidate: the candidate where it does decide without
 * one, so that nobody gets around a wrong answer by making it crash; else the problem.
 *
 * @param known what it says where there is nothing of the candidate
 */
export function blame(message: string, known: Reading, without: string): Decision {
  if (known.outcome === "infrastructure_error") return known;
  const decides = known.outcome === "right" || known.outcome === "wrong";
  return decides ? wrong(`${message} (it decides ${without})`) : broken(message);
}
