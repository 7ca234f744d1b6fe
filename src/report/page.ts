import { html, Html } from "./html.js";
import { STYLE } from "./style.js";

/** A whole page that loads nothing. `script` is the page's own code, put in as it is; without one, none runs. */
export function renderPage(title: string, main: Html, script?: string): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'${script === undefined ? "" : new Html("; script-src 'unsafe-inline'")}"
        />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <main>${main}</main>
        ${
          script === undefined
            ? null
            : html`<script>
                ${new Html(script)};
              </script>`
        }
      </body>
    </html> `;
  return page.text;
}
