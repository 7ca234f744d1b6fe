import { z } from "zod";

const ready = {
  ready_minutes: z.number().positive().default(30).describe("how long the new model may take until it answers"),
};
const admin = z.url().optional().describe("the server's address where it is not the endpoint's without /v1");

/** How new weights come to be served; the name of the new model then answers at the endpoint. */
export const serveConfig = z.discriminatedUnion("how", [
  z
    .strictObject({ how: z.literal("name"), ...ready })
    .describe("the endpoint serves the fine-tuned model by the name the job gave it (OpenAI, assay model-host)"),
  z
    .strictObject({ how: z.literal("vllm_lora"), admin, ...ready })
    .describe("POST /v1/load_lora_adapter with the trainer's output"),
  z
    .strictObject({ how: z.literal("sglang"), admin, base_path: z.string().min(1), ...ready })
    .describe("POST /update_weights_from_disk with the trainer's output; base_path leads back to the base model"),
  z
    .strictObject({
      how: z.literal("command"),
      command: z
        .array(z.string())
        .min(1)
        .describe("makes the server serve {{path}} under the name {{model}}, for instance by starting it again"),
      model: z.string().default("{{run}}-m{{iteration}}").describe("the name under which it then answers"),
      base_path: z.string().min(1).describe("{{path}} for the base model, which answers as model.base"),
      command_seconds: z.number().positive().default(600),
      ...ready,
    })
    .describe("a command of your own, such as one that restarts vllm serve"),
]);
export type ServeConfig = z.output<typeof serveConfig>;
