import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterEach, describe, expect, it } from "vitest";

import { CHROMIUM, useBrowser, WITHOUT } from "./browser.js";
import { findFaintTexts, measureOverflow } from "./page-looks.js";
import { actBusy, CountingSandbox, startPageServer, type PageServer } from "./page-server.js";

const browser = useBrowser();
const servers: PageServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.feed.end();
    await server.close(1000);
  }
});

interface State {
  readonly name: string;
  /** Brings the page into it. */
  readonly reach: (page: Page, server: PageServer, sandbox: CountingSandbox) => Promise<void>;
}

const live = (page: Page) => page.getByText("live", { exact: true }).waitFor();

const STATES: readonly State[] = [
  { name: "idle", reach: (page) => page.getByText("Nothing has been graded yet").waitFor() },
  {
    name: "busy",
    async reach(page, { service }) {
      actBusy(service);
      await page.getByText("wrong answer").first().waitFor();
      await page.locator("#failures summary").nth(1).click();
    },
  },
  {
    name: "overloaded",
    async reach(page, { service }) {
      actBusy(service);
      for (const reason of ["busy", "late"] as const) service.events.refused({ at: Date.now(), client: "x", reason });
      await page.getByText("Overloaded").waitFor();
    },
  },
  {
    name: "disconnected",
    async reach(page, { service, server }) {
      actBusy(service);
      await page.getByText("wrong answer").first().waitFor();
      server.close();
      server.closeAllConnections();
      await page.getByText("The service is lost").waitFor();
    },
  },
  {
    name: "playground",
    async reach(page, _server, sandbox) {
      await page.getByLabel("Expected output").fill("");
      await page.getByRole("button", { name: "Run" }).click();
      await sandbox.begun(1);
      const output = Array.from({ length: 30 }, (_, line) => `line ${line} ${"x".repeat(line * 9)}`).join("\n");
      const [stdout, stderr] = [Buffer.from(output), Buffer.from("ZeroDivisionError: division by zero\n")];
      sandbox.runs[0]?.finish({ ending: "runtime_error", exitCode: 1, stdout, stderr, detail: "exit status 1" });
      await page.getByText("ZeroDivisionError").waitFor();
    },
  },
];

const VIEWS = [
  { name: "wide", viewport: { width: 1280, height: 900 } },
  { name: "narrow", viewport: { width: 360, height: 740 } },
] as const;

describe.skipIf(CHROMIUM === null)(`the page in Chromium${WITHOUT}`, () => {
  describe.each(VIEWS)("$name", ({ name: view, viewport }) => {
    describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
      it.each(STATES)("can be read when it is $name", async ({ name, reach }) => {
        const sandbox = new CountingSandbox();
        const server = await startPageServer({ sandbox });
        servers.push(server);
        const { page, complaints } = await browser.open(server.url, { colorScheme, viewport });
        await live(page);
        expect(complaints).toEqual([]);
        await reach(page, server, sandbox);
        expect(await page.evaluate(measureOverflow)).toBeLessThanOrEqual(0);
        expect(await page.evaluate(findFaintTexts)).toEqual([]);
        // That a server is gone is the one thing a browser may complain about here.
        expect(complaints.filter((text) => !text.includes("net::ERR_"))).toEqual([]);
        const folder = process.env["ASSAY_SCREENSHOTS"];
        if (folder !== undefined) {
          await page.screenshot({ path: join(folder, `${name}-${view}-${colorScheme}.png`), fullPage: true });
        }
      });
    });
  });
});
