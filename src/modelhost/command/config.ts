import { z } from "zod";

const argv = z
  .array(z.string().min(1))
  .min(1)
  .describe("program and arguments; no shell reads them. {{name}} is filled in");
const minutes = (usual: number) => z.number().positive().max(100_000).default(usual);
/** `${NAME}` is taken from the environment, so that the file holds no secret. */
const secret = z.string().transform((text, context) =>
  text.replace(/\$\{(\w+)\}/g, (_whole, name: string) => {
    const value = process.env[name];
    if (value === undefined) context.addIssue({ code: "custom", message: `the environment has no ${name}` });
    return value ?? "";
  }),
);

const weights = z.discriminatedUnion("how", [
  z.strictObject({ how: z.literal("vllm_lora") }).describe("POST /v1/load_lora_adapter; all models answer at once"),
  z
    .strictObject({ how: z.literal("sglang"), served_as: z.string().min(1) })
    .describe("POST /update_weights_from_disk; one model at a time, which the server calls served_as"),
  z
    .strictObject({ how: z.literal("command"), command: argv, served_as: z.string().min(1).optional() })
    .describe("a command that makes the server serve {{path}}, as {{model}}; one model at a time"),
]);

/** The file of `assay model-host --backend command --config`. */
export const commandConfig = z.strictObject({
  upstream: z.strictObject({
    url: z.url({ protocol: /^https?$/ }).describe("of the inference server, with /v1"),
    api_key: secret.optional(),
    answer_minutes: minutes(30).describe("longest wait for an answer"),
    ready_minutes: minutes(30).describe("how long new weights may take until the server answers"),
  }),
  models: z
    .record(z.string().regex(/^[^:]+$/, "no colon in a base model's name"), z.strictObject({ path: z.string().min(1) }))
    .refine((models) => Object.keys(models).length > 0, "needs at least one base model")
    .describe("base models by the names that the server has for them, with what the trainer calls {{init}}"),
  trainer: z.strictObject({
    command: argv,
    env: z.record(z.string(), secret).default({}),
    gpus: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("one job on each, by CUDA_VISIBLE_DEVICES; else one job"),
    limit_hours: z.number().positive().max(10_000).default(72),
    expect: z.array(z.string().min(1)).default([]).describe("files in {{output}} that must be there at the end"),
  }),
  weights,
});
export type CommandConfig = z.output<typeof commandConfig>;

/** Fills `{{name}}` in; a name that is not known stays, so that its reader complains about it. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}
