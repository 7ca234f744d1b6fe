/** The run cannot go on by itself. The message says why, and what to do so that the same command goes on. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}
