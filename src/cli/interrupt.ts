/** Thrown when the user asked to stop, or nobody reads stdout any more. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Settles as `promise` does, or throws `Interrupted` as soon as `signal` is aborted. */
export async function orInterrupt<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whatever it comes to after an interruption is nobody's business any more.
  promise.catch(() => undefined);
  if (signal.aborted) throw new Interrupted();
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new Interrupted());
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Settles when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
