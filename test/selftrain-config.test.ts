import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { selftrainJsonSchema } from "../src/selftrain/config/schema.js";

it("the configuration has a JSON schema in docs that says what is taken", async () => {
  const schema = await readFile(join(import.meta.dirname, "../docs/selftrain.schema.json"), "utf8");
  expect(JSON.parse(schema)).toEqual(selftrainJsonSchema());
});
