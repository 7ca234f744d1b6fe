/** POST routes that read JSON. */
export const JSON_ROUTES = [
  ...["/v1/grade", "/v1/run", "/v1/reward", "/run_code", "/submit", "/list_ids", "/get_prompts", "/get_prompt_by_id"],
  ...["/common_evaluate_batch", "/get_reward", "/reward", "/verify", "/aggregate_metrics", "/test_program"],
  ...["/test_program_stdio", "/api/v2/execute", "/submissions", "/submissions/batch", "/run"],
] as const;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  type = "application/json",
): Promise<Answer> {
  const res = await fetch(url, { method: "POST", headers: { "content-type": type }, body });
  return { status: res.status, text: await res.text() };
}

/** Errors of the service's own that it has no word for, and refusals that leave their reason in the dark. */
export function isUnsound(path: string, { status, text }: Answer): boolean {
  if (status === 500) return true;
  return status >= 400 && status < 500 && !saysWhere(path, text);
}

/** A native error has a field; other people's shapes name it in their own words, or say that the body is no JSON. */
function saysWhere(path: string, text: string): boolean {
  if (!path.startsWith("/v1/")) return /\b(?:body|JSON|content-type)\b/i.test(text) || NAMED.test(text);
  const { error } = JSON.parse(text) as { error?: { field?: unknown; message?: unknown } };
  return typeof error?.field === "string" && error.field !== "" && typeof error.message === "string";
}

/** A field's name where each of the protocols has it: `loc`, `field: …`, `field is …`, Judge0's `{"field": ["…"]}` and its own sentence about batches. */
const NAMED =
  /"loc"|^\{"error":"there should be at least one submission in a batch"|"(?:message|detail)":\s*"[\w.[\]]+(?::| is | must )|^\{"\w+":\["|^"?[\w.[\]]+: /;
