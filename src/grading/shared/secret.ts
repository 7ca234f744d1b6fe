import { randomBytes } from "node:crypto";

/**
 * What a test program must print when its tests are through, new for every program that is put together. It stands in
 * the source as two lists of numbers, so that neither the source nor the running program holds its text until then.
 */
export interface Secret {
  readonly token: string;
  /** A suffix for names that the candidate cannot know. */
  readonly suffix: string;
  /** Codes of the token's characters are `left[i] ^ right[i]`. */
  readonly left: readonly number[];
  readonly right: readonly number[];
}

export function drawSecret(): Secret {
  const token = randomBytes(16).toString("hex");
  const right = [...randomBytes(token.length)];
  const left = right.map((mask, at) => mask ^ token.charCodeAt(at));
  return { token, suffix: randomBytes(6).toString("hex"), left, right };
}

/** What a driver writes to stderr where it is the one that finds a test failed. Failing needs no secret. */
export const FAILED = "assay: a test failed";
