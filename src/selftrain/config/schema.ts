import { z } from "zod";
import { COMPARATOR_NAMES } from "../../grading/comparators/index.js";
import { EXTRACTION_POLICIES, type ExtractionPolicy } from "../../grading/extraction/index.js";
import { ANSWER_POLICIES, type AnswerPolicyName } from "../../grading/mathematics/policies.js";
import { POLICY_NAMES } from "../../grading/policy.js";
import { listLanguages } from "../../sandbox/languages.js";
import { driverConfig } from "./drivers.js";
import { endpointConfig } from "./endpoint.js";
import { serveConfig } from "./serve.js";

const count = z.int().positive();
const share = z.number().min(0).max(1);
const path = z.string().min(1).describe("relative to the folder of this file");

/** Success rates of the base model that the paper calls easy, medium, hard and very hard. */
export const DIFFICULTY_BINS = ["easy", "medium", "hard", "very_hard"] as const;

const subset = z.strictObject({
  path,
  count: count.optional().describe("so many problems, drawn by the seed; all by default"),
  difficulty: z.array(z.string()).min(1).optional().describe("only problems whose set states one of these"),
});
const problemSource = z.union([path, subset]).describe("a file or folder that assay grade --problems takes");

/** How completions are drawn. Everything here is sent with each request, whatever the server's own defaults are. */
const sampling = {
  temperature: z.number().min(0),
  top_p: share,
  top_k: z.int().min(-1).describe("0 or -1: no cut-off. Not sent where endpoint.extensions is false"),
  repetition_penalty: z.number().positive().default(1).describe("not sent where endpoint.extensions is false"),
  max_tokens: count.default(1024),
};

const sampledEvaluation = (temperature: number, topP: number, topK: number) => ({
  samples: count.default(64),
  temperature: sampling.temperature.default(temperature),
  top_p: sampling.top_p.default(topP),
  top_k: sampling.top_k.default(topK),
  on: z.array(z.enum(["validation", "test", "transfer"])).default(["test", "transfer"]),
  when: z
    .enum(["every", "first_and_last"])
    .default("first_and_last")
    .describe("after every iteration, or only of the base model and of the last"),
});

/** The file that `assay selftrain` is given. `docs/selftrain.schema.json` is made of this. */
export const configSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, dots, dashes and underscores only")
    .max(40)
    .describe("the run's folder is runs/<name>; part of the names of models and jobs"),
  seed: z.int().min(0).default(1),
  iterations: count.max(1000).default(3),
  problems: z.strictObject({
    train: problemSource,
    validation: problemSource.optional().describe("decides early stopping and which iteration is best"),
    test: problemSource.optional(),
    transfer: problemSource.optional().describe("another set, to see what carries over"),
  }),
  model: z.strictObject({
    base: z.string().min(1).describe("the base model's name at the endpoint"),
    train_from: z
      .string()
      .min(1)
      .optional()
      .describe("what the trainer calls the base model (a path, a name on a hub); the same name by default"),
  }),
  endpoint: endpointConfig,
  prompt: z
    .strictObject({
      template: path
        .optional()
        .describe(
          "few-shot prompt: a text with {{prompt}} in it (and {{starter_code}}, {{entry_point}}), or a .yaml/.json list of {role, content}",
        ),
    })
    .prefault({}),
  generate: z
    .strictObject({
      samples_per_problem: count.max(65536).optional().describe("64 by default, 32 where problems are questions"),
      ...sampling,
      temperature: sampling.temperature.default(0.7),
      top_p: sampling.top_p.default(1),
      top_k: sampling.top_k.default(40),
      stop: z.array(z.string().min(1)).default([]).describe("holds for evaluation too"),
      teacher: z
        .strictObject({ model: z.string().min(1), endpoint: endpointConfig.optional() })
        .optional()
        .describe("distillation: this model generates, in every iteration, instead of the one that is trained"),
    })
    .prefault({}),
  select: z
    .strictObject({
      max_per_problem: count.nullable().default(10).describe("null: no cap"),
      deduplicate: z.boolean().default(true).describe("of equal programs (comments, layout aside) only one"),
      rule: z.enum(["random", "first", "shortest"]).default("random").describe("which of more than the cap are kept"),
      reward: z
        .enum(["correct", "shuffled"])
        .default("correct")
        .describe("shuffled: the control, in which verdicts are dealt out at random among the samples of an iteration"),
      difficulty_bins: z
        .array(z.enum(DIFFICULTY_BINS))
        .min(1)
        .optional()
        .describe(
          "only problems of these bins, by their success rate in iteration 1: easy from 75 %, medium from 50, hard from 25",
        ),
    })
    .prefault({}),
  improve: z.strictObject({
    init: z.enum(["base", "previous"]).default("base").describe("previous is ReST (fine-tune the last model further)"),
    data: z
      .enum(["model", "human"])
      .default("model")
      .describe("human: fine-tune once on the problem set's own solutions"),
    format: z
      .enum(["prompt_completion", "chat", "segments"])
      .optional()
      .describe("of the rows for the trainer; chat where endpoint.api is chat, prompt_completion otherwise"),
    completion_suffix: z
      .string()
      .default("")
      .describe("put behind each completion, such as the stop text that generation cut off"),
    ...{ driver: driverConfig },
  }),
  serve: serveConfig.prefault({ how: "name" }),
  evaluate: z
    .strictObject({
      greedy_on: z
        .array(z.enum(["train", "validation", "test", "transfer"]))
        .default(["train", "validation", "test", "transfer"])
        .describe("pass@1 of one greedy completion"),
      max_tokens: sampling.max_tokens,
      pass_at_k: z
        .strictObject({
          k: z.array(count).min(1).default([1, 2, 4, 8, 16, 32, 64]),
          ...sampledEvaluation(1, 0.95, 0),
        })
        .nullable()
        .default(null),
      majority: z
        .strictObject(sampledEvaluation(0.7, 1, 40))
        .nullable()
        .default(null),
      bootstrap: count.default(2000).describe("resamples of the problems for each confidence interval"),
    })
    .prefault({}),
  early_stop: z
    .strictObject({
      patience: count.default(1).describe("iterations without a better pass@1 on validation after which to stop"),
      min_gain: share.default(0).describe("what counts as better, as a share: 0.01 is one point"),
    })
    .nullable()
    .default(null),
  grading: z
    .strictObject({
      policy: z.enum(POLICY_NAMES).optional(),
      comparator: z.enum(COMPARATOR_NAMES).optional(),
      extraction: z.enum(Object.keys(EXTRACTION_POLICIES) as ExtractionPolicy[]).optional(),
      equivalence: z.enum(Object.keys(ANSWER_POLICIES) as AnswerPolicyName[]).default("default"),
      cpu_seconds: z.number().positive().optional(),
      memory_mib: z.number().positive().optional(),
      time_multipliers: z
        .record(
          z.string().refine((id) => listLanguages().some((one) => one.id === id), "must be the id of a language"),
          z.number().positive().max(100),
        )
        .optional()
        .describe("by ids of languages: by what the time limits are multiplied for programs in them"),
      jobs: count.max(4096).optional().describe("programs in flight; two per processor by default"),
    })
    .prefault({}),
});

export type SelftrainConfig = z.output<typeof configSchema>;
export type DifficultyBin = (typeof DIFFICULTY_BINS)[number];

/** The JSON schema (draft 2020-12) of the file, for editors and other tools. */
export function selftrainJsonSchema(): unknown {
  return z.toJSONSchema(configSchema, { io: "input" });
}
