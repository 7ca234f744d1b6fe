import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";

/** Chromium as Debian and others install it, or null. Nothing is ever downloaded. */
export const CHROMIUM = findOnPath(["chromium", "chromium-browser", "google-chrome"]);

/** What tests without a browser say for themselves. */
export const WITHOUT = CHROMIUM === null ? " (skipped: no chromium on the path; apt-get install chromium)" : "";

export interface Opened {
  readonly page: Page;
  /** Everything the browser complained about: errors on the console, exceptions, violated policies. */
  readonly complaints: string[];
}

/** One browser for the tests of the file that calls this, and pages that are closed after each test. */
export function useBrowser() {
  let browser: Browser | null = null;
  const opened: Page[] = [];
  beforeAll(async () => {
    if (CHROMIUM === null) return;
    // Chromium's own sandbox refuses to work for root. What it loads here is the service's own page.
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  });
  afterEach(async () => {
    for (const page of opened.splice(0)) await page.context().close();
  });
  afterAll(() => browser?.close());
  return {
    async open(url: string, options: BrowserContextOptions = {}): Promise<Opened> {
      if (browser === null) throw new Error("there is no browser");
      const page = await (await browser.newContext(options)).newPage();
      opened.push(page);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      await page.goto(url);
      return { page, complaints };
    },
  };
}

function findOnPath(names: readonly string[]): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
