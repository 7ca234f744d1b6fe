import { expect } from "vitest";

import type { Drill } from "./drill.js";

/** Fewer descriptors than the cells need, for the graded process: it grades, or says why it cannot. */
export async function exhaustDescriptors(drill: Drill): Promise<object> {
  const found: object[] = [];
  for (const most of [24, 40, 56, 72, 96]) {
    const { code, stderr } = await drill.grade({ wrapper: `ulimit -n ${most}; exec "$@"` });
    const figures = await drill.check();
    found.push({ descriptors: most, code, ...figures });
    expect([0, 1, 2], stderr).toContain(code);
    // Node itself says of a module that it cannot open that it is not there.
    if (code === 1) expect(stderr).toMatch(/EMFILE|too many open files|sandbox|ERR_MODULE_NOT_FOUND/i);
    else expect(figures.rows).toBe(drill.samples);
  }
  await drill.finish();
  return found;
}
