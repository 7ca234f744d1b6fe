import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "./test/built-folder.ts",
    reporters: ["default", "./test/reporter.ts"],
    // A sandboxed program may legitimately use its whole wall limit; a test that waits on one needs longer than that.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Cells are about one per core already: files in parallel would only fight over them.
    fileParallelism: false,
  },
});
