import { openAsBlob } from "node:fs";
import { FormData } from "undici";
import { z } from "zod";
import type { OpenaiDriverConfig } from "../config/drivers.js";
import { WireFault } from "../wire/faults.js";
import { readJson, type Wire } from "../wire/wire.js";
import type { Driver, JobNews, Training } from "./driver.js";

const MINUTE = 60_000;
/** Said of a job whose rows are about to be sent. */
const UPLOADING = "uploading";

const file = z.object({ id: z.string(), filename: z.string().optional() });
const job = z.object({
  id: z.string(),
  status: z.string(),
  fine_tuned_model: z.string().nullish(),
  training_file: z.string().nullish(),
  trained_tokens: z.int().nullish(),
  error: z.object({ message: z.string().nullish(), code: z.string().nullish() }).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
const listOf = <T extends z.ZodType>(item: T) => z.object({ data: z.array(item), has_more: z.boolean().nullish() });

/** Pages that are read of a list in search of a job or file; 100 entries each. */
const MOST_PAGES = 100;

/** Fine-tuning by any server that speaks `/v1/files` and `/v1/fine_tuning/jobs`. */
export function createOpenaiDriver(config: OpenaiDriverConfig, wire: Wire): Driver {
  const patienceMs = config.patience_minutes * MINUTE;

  const get = <T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> =>
    wire.call({ method: "GET", path, read: (text) => readAs(schema, text), signal, patienceMs });

  /** The first entry of a list, however long it is, that `fits`. */
  const search = async <T extends { id: string }>(
    path: string,
    item: z.ZodType<T>,
    fits: (item: T) => boolean,
    signal: AbortSignal,
  ): Promise<T | null> => {
    for (let page = 0, after = ""; page < MOST_PAGES; page += 1) {
      const query = new URLSearchParams({ limit: "100", ...(after === "" ? {} : { after }) });
      const { data, has_more: more } = await get(`${path}?${query.toString()}`, listOf(item), signal);
      const found = data.find(fits);
      if (found !== undefined) return found;
      after = data.at(-1)?.id ?? "";
      if (more !== true || after === "") return null;
    }
    return null;
  };

  /** The file of this tag, if the server has it. */
  const findFile = ({ job: { tag }, signal }: Training) =>
    search("/files", file, ({ filename }) => filename === `${tag}.jsonl`, signal);

  /** The job of this tag, if the server has it; a server that drops metadata still names the job's file. */
  const findJob = ({ job: { tag }, signal }: Training, fileId: string) =>
    search("/fine_tuning/jobs", job, (one) => one.training_file === fileId || one.metadata?.assay_tag === tag, signal);

  const upload = async (training: Training): Promise<string> => {
    const { job: record, dataset, signal } = training;
    const form = new FormData();
    form.set("purpose", "fine-tune");
    form.set("file", await openAsBlob(dataset, { type: "application/jsonl" }), `${record.tag}.jsonl`);
    const made = await wire.call({
      ...{ method: "POST", path: "/files", form, key: `${record.tag}-file`, signal },
      read: (text) => readAs(file, text),
      lookUp: () => findFile(training),
    });
    return made.id;
  };

  const create = async (training: Training, fileId: string): Promise<string> => {
    const { job: record, seed, runId, iteration, signal } = training;
    const { hyperparameters, extra } = config;
    const body = {
      ...{ model: record.init, training_file: fileId, seed, suffix: `${runId}-m${iteration}` },
      metadata: { assay_tag: record.tag },
      method: { type: "supervised", supervised: { hyperparameters } },
      ...extra,
    };
    const made = await wire.call({
      ...{ method: "POST", path: "/fine_tuning/jobs", body, key: `${record.tag}-job`, signal },
      read: (text) => readAs(job, text),
      lookUp: () => findJob(training, fileId),
    });
    return made.id;
  };

  return {
    async submit(training) {
      const { job: record, save } = training;
      // What a process left in a state that is not the first may have got further than it could write down.
      let fileId = record.file_id;
      let jobId: string | null = null;
      if (record.state === "intended" || fileId === null) {
        const found = record.status === UPLOADING ? await findFile(training) : null;
        await save({ status: UPLOADING });
        fileId = found?.id ?? (await upload(training));
        await save({ state: "submitting", file_id: fileId, status: null });
      } else {
        jobId = (await findJob(training, fileId))?.id ?? null;
      }
      jobId ??= await create(training, fileId);
      return save({ state: "submitted", job_id: jobId, submitted_at: new Date().toISOString() });
    },

    async poll({ job: record, signal }) {
      const found = await get(`/fine_tuning/jobs/${encodeURIComponent(record.job_id ?? "")}`, job, signal);
      return toNews(found);
    },

    async cancel({ job: record, signal }) {
      const path = `/fine_tuning/jobs/${encodeURIComponent(record.job_id ?? "")}/cancel`;
      await wire.call({ method: "POST", path, body: {}, read: () => null, signal, patienceMs: MINUTE });
    },
  };
}

function toNews({ status, fine_tuned_model: model, trained_tokens: tokens, error }: z.output<typeof job>): JobNews {
  const reason = error?.message ?? error?.code ?? null;
  const news = { status, model: model ?? null, trainedTokens: tokens ?? null, error: reason };
  switch (status) {
    // A job that has succeeded and has no model yet is not over for us.
    case "succeeded":
      return { ...news, phase: news.model === null ? "going_on" : "succeeded" };
    case "failed":
    case "cancelled":
      return { ...news, phase: status };
    default:
      return { ...news, phase: "going_on" };
  }
}

function readAs<T>(schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new WireFault(`not the answer expected (${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""})`, "transient");
}
