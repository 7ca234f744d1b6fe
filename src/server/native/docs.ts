import { createHash } from "node:crypto";

import { Router } from "express";

import { describeApi } from "./openapi.js";

/** `GET /openapi.json`, and the same for people at `/docs`: one page without scripts, nothing of it from elsewhere. */
export function docsRouter(): Router {
  const router = Router();
  const api = describeApi();
  const page = renderPage(api);
  const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
  router.get("/openapi.json", (_req, res) => {
    res.json(api);
  });
  router.get("/docs", (_req, res) => {
    res.setHeader("Content-Security-Policy", policy);
    res.type("html").send(page);
  });
  return router;
}

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: object }>> }
    >
  >;
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
code, pre { font: 0.875rem/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid #8886; border-radius: 0.4rem; }
section { border-top: 1px solid #8886; margin-top: 2rem; }
td, th { text-align: left; vertical-align: top; padding: 0.15rem 1rem 0.15rem 0; }
summary { cursor: pointer; }
`;

function renderPage(api: ReturnType<typeof describeApi>): string {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => renderOperation(method, path, operation as Operation)),
  );
  const schemas = Object.entries(api.components.schemas).map(([name, schema]) => renderSchema(name, schema));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>assay: the HTTP interface</title><style>${STYLE}</style></head><body>
<h1>assay ${escapeHtml(api.info.version)}: the HTTP interface</h1>
<p>${escapeHtml(api.info.description)}</p>
<p>For machines: <a href="/openapi.json">/openapi.json</a>.</p>
${operations.join("\n")}
<section><h2>Schemas</h2>${schemas.join("\n")}</section>
</body></html>
`;
}

function renderOperation(method: string, path: string, operation: Operation): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const asked = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) =>
    renderSchema(`Request body, ${type}`, schema),
  );
  const query = parameters.map(
    ({ name, schema }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td><code>${escapeHtml(JSON.stringify(schema))}</code></td></tr>`,
  );
  const answers = Object.entries(responses).map(
    ([status, { description }]) => `<tr><th>${escapeHtml(status)}</th><td>${escapeHtml(description)}</td></tr>`,
  );
  return `<section><h2><code>${escapeHtml(method.toUpperCase())} ${escapeHtml(path)}</code></h2>
<p>${escapeHtml(summary)}.</p>${description === undefined ? "" : `<p>${escapeHtml(description)}</p>`}
${query.length === 0 ? "" : `<h3>Query</h3><table>${query.join("")}</table>`}
${asked.join("")}
<h3>Answers</h3><table>${answers.join("")}</table></section>`;
}

function renderSchema(title: string, schema: object): string {
  return `<details><summary>${escapeHtml(title)}</summary><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre></details>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
