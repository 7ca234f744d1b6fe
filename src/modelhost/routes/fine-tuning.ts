import { createHash } from "node:crypto";

import { Router } from "express";
import { z } from "zod";
import { BODY_LIMIT, bodyText, jsonBody, parse } from "../../server/http.js";
import { ApiError, noModel } from "../errors.js";
import type { Jobs } from "../jobs.js";
import { isOver, type EventRecord, type JobRecord } from "../state/records.js";
import { newId, nowSeconds, type Store } from "../state/store.js";
import { pageOf, pageQuery } from "./page.js";

const hyperparameters = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));

const createBody = z.looseObject({
  model: z.string().min(1),
  training_file: z.string().min(1),
  validation_file: z.string().nullish(),
  suffix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, "expected up to 64 letters, digits, dots, dashes and underscores")
    .nullish(),
  seed: z.int().min(0).max(2_147_483_647).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  method: z
    .looseObject({
      type: z.literal("supervised", { error: "this host does supervised fine-tuning only" }),
      supervised: z.looseObject({ hyperparameters: hyperparameters.optional() }).optional(),
    })
    .optional(),
  hyperparameters: hyperparameters.optional(),
});

/** `/v1/fine_tuning/jobs`: create, list, retrieve, cancel, events, checkpoints. */
export function fineTuningRouter(store: Store, jobs: Jobs): Router {
  const router = Router();
  const find = (id: string | undefined): JobRecord => {
    const job = store.jobs.get(id ?? "");
    if (job === undefined)
      throw new ApiError(`Could not find fine tune: ${id ?? ""}`, 404, "fine_tune_id", "fine_tune_not_found");
    return job;
  };
  router.post("/v1/fine_tuning/jobs", jsonBody(BODY_LIMIT.small), async (req, res) => {
    const sha256 = createHash("sha256").update(bodyText(req)).digest("hex");
    const key = req.get("idempotency-key") ?? null;
    const known = [...store.jobs.values()].find(({ idempotency_key: other }) => key !== null && other === key);
    if (known !== undefined && known.request_sha256 !== sha256) {
      throw new ApiError("this Idempotency-Key was used for another job", 400, null, "idempotency_error");
    }
    if (known === undefined) {
      const job = makeJob(parse(createBody, req.body), { key, sha256 });
      checkParts(job, store, jobs);
      await jobs.submit(job);
      res.json(showJob(job));
    } else {
      await store.settled();
      res.json(showJob(known));
    }
  });
  router.get("/v1/fine_tuning/jobs", (req, res) => {
    const wanted = readMetadata(req.query);
    const all = [...store.jobs.values()].filter(({ metadata }) =>
      wanted.every(([name, value]) => metadata?.[name] === value),
    );
    const { data, has_more } = pageOf(all, parse(pageQuery(20, 100), req.query));
    res.json({ object: "list", data: data.map(showJob), has_more });
  });
  router.get("/v1/fine_tuning/jobs/:id", (req, res) => void res.json(showJob(find(req.params.id))));
  router.post("/v1/fine_tuning/jobs/:id/cancel", async (req, res) => {
    const job = find(req.params.id);
    if (isOver(job.status)) {
      throw new ApiError(`Job has already completed (status ${job.status}): ${job.id}`, 400, null, "job_already_over");
    }
    res.json(showJob(await jobs.cancel(job)));
  });
  router.get("/v1/fine_tuning/jobs/:id/events", (req, res) => {
    const { data, has_more } = pageOf(store.events(find(req.params.id).id), parse(pageQuery(20, 1000), req.query));
    res.json({ object: "list", data: data.map(showEvent), has_more });
  });
  router.get("/v1/fine_tuning/jobs/:id/checkpoints", (req, res) => {
    const data = showCheckpoints(find(req.params.id));
    res.json({
      object: "list",
      data,
      has_more: false,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    });
  });
  return router;
}

function makeJob(
  body: z.output<typeof createBody>,
  { key, sha256 }: { key: string | null; sha256: string },
): JobRecord {
  return {
    id: newId("ftjob"),
    status: "queued",
    model: body.model,
    fine_tuned_model: null,
    training_file: body.training_file,
    validation_file: body.validation_file ?? null,
    hyperparameters: body.method?.supervised?.hyperparameters ?? body.hyperparameters ?? {},
    seed: body.seed ?? 1,
    suffix: body.suffix ?? null,
    metadata: body.metadata ?? null,
    trained_tokens: null,
    error: null,
    created_at: nowSeconds(),
    finished_at: null,
    idempotency_key: key,
    request_sha256: sha256,
    last_step: null,
  };
}

/** @throws ApiError where the job names a file or a model that is not there */
function checkParts(job: JobRecord, store: Store, jobs: Jobs): void {
  for (const param of ["training_file", "validation_file"] as const) {
    const id = job[param];
    if (id !== null && !store.files.has(id))
      throw new ApiError(`invalid ${param}: ${id}`, 400, param, "file_not_found");
  }
  if (jobs.find(job.model) === undefined) throw noModel(job.model);
}

/** `metadata[name]=value` in a query. */
function readMetadata(query: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(query).flatMap(([name, value]) => {
    const [, key] = /^metadata\[(.+)\]$/.exec(name) ?? [];
    return key === undefined ? [] : [[key, value] as [string, unknown]];
  });
}

function showJob(job: JobRecord) {
  const settings = { n_epochs: "auto", batch_size: "auto", learning_rate_multiplier: "auto", ...job.hyperparameters };
  return {
    object: "fine_tuning.job",
    id: job.id,
    status: job.status,
    model: job.model,
    fine_tuned_model: job.fine_tuned_model,
    training_file: job.training_file,
    validation_file: job.validation_file,
    seed: job.seed,
    metadata: job.metadata,
    trained_tokens: job.trained_tokens,
    error: job.error,
    created_at: job.created_at,
    finished_at: job.finished_at,
    hyperparameters: settings,
    method: { type: "supervised", supervised: { hyperparameters: settings } },
    user_provided_suffix: job.suffix,
    organization_id: "org-assay",
    result_files: [],
    integrations: [],
    estimated_finish: null,
  };
}

function showEvent({ data, ...event }: EventRecord) {
  return { object: "fine_tuning.job.event", ...event, data };
}

/** The weights at the end are the only checkpoint that is kept. */
function showCheckpoints(job: JobRecord) {
  if (job.fine_tuned_model === null || job.last_step === null) return [];
  return [
    {
      id: `ftckpt-${job.id.slice("ftjob-".length)}`,
      object: "fine_tuning.job.checkpoint",
      created_at: job.finished_at ?? job.created_at,
      fine_tuned_model_checkpoint: job.fine_tuned_model,
      fine_tuning_job_id: job.id,
      step_number: job.last_step.step,
      metrics: { step: job.last_step.step, train_loss: job.last_step.loss },
    },
  ];
}
