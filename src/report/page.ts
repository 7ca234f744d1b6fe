import { html, Html } from "./html.js";
import { STYLE } from "./style.js";

export interface PageParts {
  /** The page's own style sheet, in place of the reports'. */
  readonly style?: string;
  /** The page's own code, put in as it is; without any, none runs. */
  readonly script?: string;
}

/** A whole page that loads nothing. */
export function renderPage(title: string, main: Html, { style = STYLE, script }: PageParts = {}): string {
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
          ${new Html(style)}
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
