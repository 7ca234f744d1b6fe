import { z } from "zod";

/** Where completions come from: any server that speaks the OpenAI protocol. */
export const endpointConfig = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("up to and with /v1, such as http://gpu-host:8000/v1"),
  api_key: z.string().optional().describe("${NAME} takes it from the environment; it is never written down"),
  api: z.enum(["completions", "chat"]).default("completions"),
  extensions: z
    .boolean()
    .default(true)
    .describe("whether the server knows top_k and repetition_penalty (vLLM and SGLang do, OpenAI does not)"),
  max_tokens_field: z.enum(["max_tokens", "max_completion_tokens"]).default("max_tokens"),
  max_n: z.int().positive().default(64).describe("most completions asked for in one request"),
  concurrency: z.int().positive().max(4096).default(16).describe("requests in flight"),
  timeout_seconds: z.number().positive().default(600).describe("longest wait for an answer before asking again"),
  retry: z
    .strictObject({
      first_seconds: z.number().positive().default(1).describe("pause after the first failure; doubled each time"),
      most_seconds: z.number().positive().default(60).describe("longest pause; a Retry-After may ask for more"),
      patience_minutes: z
        .number()
        .positive()
        .default(60)
        .describe("how long one request is tried before the run stops"),
    })
    .prefault({}),
});
export type EndpointConfig = z.output<typeof endpointConfig>;
