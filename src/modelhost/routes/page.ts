import { z } from "zod";

export interface Page {
  readonly limit: number;
  /** The id of the last item that is known already. */
  readonly after?: string | undefined;
  readonly order: "asc" | "desc";
}

/** Query of a list: `limit`, `after`, `order`. */
export function pageQuery(usual: number, most: number) {
  return z.object({
    limit: z.coerce.number().int().min(1).max(most).default(usual),
    after: z.string().optional(),
    order: z.enum(["asc", "desc"]).default("desc"),
  });
}

/** A page of items that are given oldest first. */
export function pageOf<T extends { readonly id: string; readonly created_at: number }>(
  items: readonly T[],
  { limit, after, order }: Page,
): { data: T[]; has_more: boolean } {
  const sorted = [...items].sort((a, b) => a.created_at - b.created_at);
  if (order === "desc") sorted.reverse();
  const from = after === undefined ? 0 : sorted.findIndex(({ id }) => id === after) + 1;
  return { data: sorted.slice(from, from + limit), has_more: sorted.length > from + limit };
}
