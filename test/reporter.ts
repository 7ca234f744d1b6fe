import type { Reporter, SerializedError, TestModule } from "vitest/node";

/**
 * Ends a test run with a line of exactly this form: `12 passed, 0 failed`, or `12 passed, 0 failed, 3 skipped`.
 *
 * What fails without a test of its own to blame counts as failed too: a file that cannot be loaded, a hook of a suite,
 * an error that nobody caught. So the line never says `0 failed` where something failed.
 */
export default class CountReporter implements Reporter {
  #line = "";

  onInit(): void {
    // Vitest writes its summary after all reporters have heard of the end.
    process.once("exit", () => process.stdout.write(this.#line));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === "pending" ? "skipped" : state] += 1;
      }
      for (const group of [module, ...module.children.allSuites()]) counts.failed += group.errors().length;
    }
    const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
    this.#line = `${counts.passed} passed, ${counts.failed} failed${skipped}\n`;
  }
}
