import { z } from "zod";
import { endpointConfig } from "./endpoint.js";

const argv = z
  .array(z.string())
  .min(1)
  .describe("program and arguments; no shell reads them. {{dataset}}, {{output}}, {{init}}, {{job}} … are filled in");

const polling = {
  poll_seconds: z.number().positive().default(15),
  limit_hours: z.number().positive().default(72).describe("a job that takes longer is cancelled, and the run stops"),
  patience_minutes: z
    .number()
    .positive()
    .default(60)
    .describe("how long the state of a job may stay unknown before the run stops (the job goes on)"),
};

/** Fine-tuning through `/v1/files` and `/v1/fine_tuning/jobs`. */
const openaiDriver = z.strictObject({
  kind: z.literal("openai"),
  url: endpointConfig.shape.url.optional().describe("where it is not the endpoint's"),
  api_key: endpointConfig.shape.api_key,
  hyperparameters: z
    .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
    .default({})
    .describe("sent as method.supervised.hyperparameters: n_epochs, batch_size, learning_rate_multiplier …"),
  extra: z.record(z.string(), z.json()).default({}).describe("further fields of the job, such as integrations"),
  ...polling,
});

/** Words for the states of a job that a poll command may print; any other word means that it is not over. */
const states = z
  .strictObject({
    succeeded: z.array(z.string()).default(["SUCCEEDED", "COMPLETED", "COMPLETE"]),
    failed: z
      .array(z.string())
      .default(["FAILED", "ERROR", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "BOOT_FAIL", "DEADLINE"]),
    cancelled: z.array(z.string()).default(["CANCELLED", "STOPPED", "REVOKED"]),
  })
  .prefault({});

/** Fine-tuning by commands: Slurm, Ray Jobs, kubectl, SkyPilot, a process on this machine. */
const commandDriver = z.strictObject({
  kind: z.literal("command"),
  submit: argv.describe("starts the job and prints its id as the last line of stdout"),
  poll: argv.describe("prints the job's state as the last line of stdout, such as RUNNING or COMPLETED"),
  cancel: argv.optional(),
  find: argv.optional().describe("prints the id of the job that bears {{tag}}, or nothing; asked after a crash"),
  states,
  output: z
    .string()
    .default("{{folder}}/model")
    .describe("where the trainer leaves the new weights; {{folder}} is one of the attempt's own, in the iteration's"),
  expect: z
    .array(z.string())
    .default(["{{output}}"])
    .describe("files or folders that must be there, and not be empty, when the job has succeeded"),
  env: z.record(z.string(), z.string()).default({}).describe("added to the environment of the commands"),
  command_seconds: z.number().positive().default(120).describe("longest time that one of the commands may take"),
  ...polling,
});

export const driverConfig = z.discriminatedUnion("kind", [openaiDriver, commandDriver]);
export type OpenaiDriverConfig = z.output<typeof openaiDriver>;
export type CommandDriverConfig = z.output<typeof commandDriver>;
