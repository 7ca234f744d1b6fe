import { afterEach, describe, expect, it } from "vitest";

import { createSandbox } from "../src/sandbox/index.js";
import { readTokens } from "../src/server/tokens.js";
import { CHROMIUM, useBrowser, WITHOUT } from "./browser.js";
import { findFaintTexts, measureOverflow } from "./page-looks.js";
import {
  CountingSandbox,
  servedEvent,
  startPageServer,
  type PageServer,
  type PageServerOptions,
} from "./page-server.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const browser = useBrowser();
const folder = useTemporaryFolder();
const servers: PageServer[] = [];
const start = async (options: PageServerOptions = {}): Promise<PageServer> => {
  const server = await startPageServer(options);
  servers.push(server);
  return server;
};
const stop = async (server: PageServer) => {
  server.feed.end();
  await server.close(1000);
};
afterEach(async () => {
  await Promise.all(servers.splice(0).map(stop));
});

/** What would be seen, heard or done if any of it were taken for more than text. */
const HOSTILE = [
  '<img src=x onerror="document.title=1"><script>document.title=2</script><svg onload="document.title=3">',
  "</pre></textarea></script><iframe src=javascript:alert(1)></iframe>",
  "\u001b[2J\u001b[31mred\u0007\u0000\r",
  "\u202e\u2066drow\u200b\ufeff",
  "x".repeat(5000),
].join("\n");
const SCALE = { viewport: { width: 360, height: 740 } };

describe.skipIf(CHROMIUM === null)(`the page in Chromium${WITHOUT}`, () => {
  it("shows what candidates and clients wrote as text, whatever is in it", async () => {
    const { service, url } = await start();
    const { page, complaints } = await browser.open(url, SCALE);
    service.events.served(servedEvent({ outcome: "wrong_answer", taskId: HOSTILE, client: HOSTILE, detail: HOSTILE }));
    await page.locator("#failures summary").click();
    const shown = await page.locator("#failures pre").innerText();
    expect(shown).toContain("<script>document.title=2</script>");
    expect(shown).toContain("␛[2J␛[31mred␇␀");
    for (const unseen of ["\u202e", "\u2066", "\u001b"]) expect(shown).not.toContain(unseen);
    expect(await page.locator("#failures :is(img, script, svg, iframe)").count()).toBe(0);
    expect(await page.title()).toBe("assay");
    expect(await page.evaluate(measureOverflow)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });

  it("runs and grades what is pasted into the playground, in the sandbox", async () => {
    const sandbox = await createSandbox({ cells: 1 });
    try {
      const { url } = await start({ sandbox });
      const { page, complaints } = await browser.open(url, SCALE);
      const result = page.locator("#result");
      await page.getByRole("button", { name: "Run" }).click();
      await result.getByText("accepted").waitFor();
      await page.getByLabel("Expected output").fill("");
      await page.getByLabel("Code").fill("print('<b id=bold>bold</b>' * 3)\nprint(input())");
      await page.keyboard.press("Control+Enter");
      await result.getByText("finished").waitFor();
      expect(await result.locator("pre").innerText()).toContain("<b id=bold>bold</b><b id=bold>");
      expect(await page.locator("#bold").count()).toBe(0);
      await page.getByLabel("Code").fill("print('\\0' * 10_000_000)");
      await page.keyboard.press("Control+Enter");
      await result.getByText("output limit").waitFor();
      await page.getByLabel("a function with assertions").check();
      await page.getByLabel("Code").fill("Sure:\n```python\ndef add(a, b):\n    return a - b\n```\n");
      await page.getByLabel("Assertions", { exact: true }).fill("assert add(1, 0) == 1\nassert add(1, 2) == 3");
      await page.getByRole("button", { name: "Run" }).click();
      await result.getByText("wrong answer").waitFor();
      expect(await result.innerText()).toContain("1 of 2 tests passed");
      expect(await page.evaluate(measureOverflow)).toBeLessThanOrEqual(0);
      expect(await page.evaluate(findFaintTexts)).toEqual([]);
      expect(complaints).toEqual([]);
    } finally {
      await sandbox.dispose();
    }
  });

  it("shows where a request is wrong, and stops waiting when it is told to", async () => {
    const sandbox = new CountingSandbox();
    const { url } = await start({ sandbox });
    const { page } = await browser.open(url);
    await page.getByLabel("a function with assertions").check();
    await page.getByLabel("Assertions", { exact: true }).fill("assert (");
    await page.getByRole("button", { name: "Run" }).click();
    await page.locator("#result").getByText("invalid problem").waitFor();
    await page.getByLabel("a program with input").check();
    await page.getByRole("button", { name: "Run" }).click();
    await sandbox.begun(1);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();
    await page.getByRole("button", { name: "Run" }).waitFor();
  });

  it("keeps what somebody wrote when the kind of problem is changed, and gives examples otherwise", async () => {
    const { url } = await start();
    const { page } = await browser.open(url);
    await page.getByLabel("a function with assertions").check();
    expect(await page.getByLabel("Code").inputValue()).toContain("def add");
    await page.getByLabel("Code").fill("mine");
    await page.getByLabel("a program with input").check();
    expect(await page.getByLabel("Code").inputValue()).toBe("mine");
  });

  it("asks for a token where one is needed, keeps it in memory only, and uses it", async () => {
    const tokens = await readTokens(await folder.write("me:0123456789abcdef\n", "tokens"));
    const sandbox = new CountingSandbox();
    sandbox.open();
    const { url } = await start({ tokens, sandbox });
    const { page } = await browser.open(url);
    const field = page.getByLabel("Token");
    await field.fill("not this one at all");
    await page.keyboard.press("Enter");
    await page.getByText("does not know this token").waitFor();
    await field.fill("0123456789abcdef");
    await page.keyboard.press("Enter");
    await page.getByText("live", { exact: true }).waitFor();
    expect(await field.isVisible()).toBe(false);
    await page.getByRole("button", { name: "Run" }).click();
    await page.locator("#result").getByText("wrong answer").waitFor();
    const kept = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])");
    expect(kept).toBe('[{},{},""]');
    await page.reload();
    await field.waitFor();
  });

  it("says that it has lost the service, and finds it again by itself", async () => {
    const first = await startPageServer();
    const { page } = await browser.open(first.url);
    await page.getByText("live", { exact: true }).waitFor();
    await stop(first);
    await page.getByText("The service is lost").waitFor();
    await start({ port: Number(new URL(first.url).port) });
    await page.getByText("live", { exact: true }).waitFor();
    expect(await page.getByText("The service is lost").isVisible()).toBe(false);
  });

  it("can be used with the keyboard alone", async () => {
    const { url, service } = await start();
    const { page } = await browser.open(url);
    service.events.served(servedEvent({ outcome: "wrong_answer", detail: "three is not four" }));
    await page.locator("#failures li").waitFor();
    const reached: string[] = [];
    for (let step = 0; step < 20 && !reached.at(-1)?.startsWith("SUMMARY"); step++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate<string>("document.activeElement.tagName + document.activeElement.id"));
    }
    expect(reached).toEqual([
      ...["A", "A", "INPUTkind-program", "SELECTlanguage", "TEXTAREAcode", "TEXTAREAstdin", "TEXTAREAexpected"],
      ...["BUTTONsubmit", "SUMMARY"],
    ]);
    await page.keyboard.press("Enter");
    await page.locator("#failures pre").getByText("three is not four").waitFor();
  });
});
