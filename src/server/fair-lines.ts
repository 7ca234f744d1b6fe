/**
 * Waiting items in one line per client. Lines take turns, so a client with a thousand waiting items holds up another
 * one's first item by one place and not by a thousand. An item may stand in the lines of several clients.
 */
export class FairLines<T> {
  /** The line whose turn is next comes first. */
  readonly #lines = new Map<string, Set<T>>();
  #size = 0;

  /** Places taken, over all lines. */
  get size(): number {
    return this.#size;
  }

  lengthOf(client: string): number {
    return this.#lines.get(client)?.size ?? 0;
  }

  /** Puts the item at the end of the client's line; it stands there once at most. */
  push(client: string, item: T): void {
    const line = this.#lines.get(client) ?? new Set<T>();
    this.#lines.set(client, line);
    this.#size -= line.size;
    line.add(item);
    this.#size += line.size;
  }

  /** Takes the first item of the line whose turn it is; the line goes to the end of the round. */
  shift(): T | undefined {
    for (const [client, line] of this.#lines) {
      for (const item of line) {
        this.remove(client, item);
        if (this.#lines.delete(client)) this.#lines.set(client, line);
        return item;
      }
    }
    return undefined;
  }

  remove(client: string, item: T): void {
    const line = this.#lines.get(client);
    if (line?.delete(item) !== true) return;
    this.#size -= 1;
    if (line.size === 0) this.#lines.delete(client);
  }

  /** The client with the longest line and the items of it, the newest first; null when nobody waits. */
  longest(): { readonly client: string; readonly newestFirst: readonly T[] } | null {
    let found: { client: string; line: Set<T> } | null = null;
    for (const [client, line] of this.#lines) {
      if (found === null || line.size > found.line.size) found = { client, line };
    }
    return found === null ? null : { client: found.client, newestFirst: [...found.line].reverse() };
  }
}
