/** Posts JSON as the trainers' clients do. */
export function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const all = { "content-type": "application/json", accept: "application/json", ...headers };
  return fetch(url, { method: "POST", headers: all, body: typeof body === "string" ? body : JSON.stringify(body) });
}

/** Code as models write it. */
export function fence(code: string): string {
  return `Here you are:\n\`\`\`python\n${code}\n\`\`\`\n`;
}

/** What makes a service give up at once where it would wait for a minute. */
export const SHORT = { "x-assay-deadline-ms": "60" };
