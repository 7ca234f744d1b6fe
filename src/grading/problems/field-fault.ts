import type { z } from "zod";

/** What is wrong with a value, and where: `field` is undefined for the value as a whole. */
export interface FieldFault {
  readonly field: string | undefined;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/**
 * The first thing that a schema has against a value. Where a value may be of several kinds and is recognisably meant as
 * one of them, what is wrong with that one is said, instead of which kinds there are.
 */
export function findFieldFault(error: z.ZodError): FieldFault {
  const [first] = error.issues;
  if (first === undefined) return { field: undefined, message: "cannot be read" };
  const issue = dig(first);
  const [unknown] = issue.code === "unrecognized_keys" ? issue.keys : [];
  const path = [...issue.path, ...(unknown === undefined ? [] : [unknown])];
  return { field: path.length === 0 ? undefined : path.join("."), message: describe(issue) };
}

/** As one text, for the reason why a problem is invalid: `field: message`. */
export function describeFieldFault(error: z.ZodError): string {
  const { field, message } = findFieldFault(error);
  return field === undefined ? message : `${field}: ${message}`;
}

function dig(issue: Issue): Issue {
  const inner =
    issue.code === "invalid_union" ? findMeant(issue.errors) : issue.code === "invalid_key" ? issue.issues : [];
  const [first] = inner;
  return first === undefined ? issue : dig({ ...first, path: [...issue.path, ...first.path] });
}

/** The issues of the one kind that the value has the shape of; none where it has the shape of none or of several. */
function findMeant(kinds: readonly Issue[][]): readonly Issue[] {
  const alike = kinds.filter((issues) => !issues.some(isOfAnotherShape));
  if (alike.length === 1) return alike[0] ?? [];
  const known = alike.filter((issues) => !issues.some(({ code }) => code === "unrecognized_keys"));
  return known.length === 1 ? (known[0] ?? []) : [];
}

const OTHER_SHAPE: readonly Issue["code"][] = ["invalid_type", "invalid_value", "invalid_union"];

function isOfAnotherShape(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  // Where a list has the wrong length, its items were not looked at.
  const isLength = issue.code === "too_big" || issue.code === "too_small";
  return OTHER_SHAPE.includes(issue.code) || (isLength && issue.origin === "array");
}

function describe(issue: Issue): string {
  if (issue.code === "unrecognized_keys") return "is no field of the format";
  // What is not there is undefined to zod, which no person has written.
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) return "is missing";
  if (issue.code !== "invalid_union" || issue.message !== UNSAID) return issue.message;
  const kinds = issue.errors.flatMap(([first]) => (first?.code === "invalid_type" ? [first.expected] : []));
  return `${UNSAID}: expected ${kinds.join(" or ")}`;
}

/** What zod says of a value that is of none of several kinds, where the schema has no words of its own. */
const UNSAID = "Invalid input";
