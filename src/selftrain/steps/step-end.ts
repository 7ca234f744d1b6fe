import type { FileFacts } from "../folder/files.js";
import type { Cost } from "../records.js";

/** What a step that is whole cost, and what it wrote. */
export interface StepEnd {
  readonly cost: Cost;
  readonly files: ReadonlyMap<string, FileFacts>;
}
