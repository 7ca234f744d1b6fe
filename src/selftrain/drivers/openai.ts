import { openAsBlob } from "node:fs";
import { FormData } from "undici";
import { z } from "zod";
import type { OpenaiDriverConfig } from "../config/drivers.js";
import type { Job } from "../records.js";
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

  const upload = async ({ job: { tag, rows }, dataset, signal }: Training): Promise<string> => {
    const name = `${tag}.jsonl`;
    const form = new FormData();
    form.set("purpose", "fine-tune");
    form.set("file", await openAsBlob(dataset, { type: "application/jsonl" }), name);
    const read = (text: string) => readAs(file, text);
    const made = await wire.call({ method: "POST", path: "/files", form, key: `${tag}-file-${rows}`, read, signal });
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
    const read = (text: string) => readAs(job, text);
    const key = `${record.tag}-job`;
    const made = await wire.call({ method: "POST", path: "/fine_tuning/jobs", body, key, read, signal });
    return made.id;
  };

  return {
    async submit(training) {
      const { save, signal } = training;
      const record = training.job;
      // What a process left in a state that is not the first may have got further than it could write down.
      if (record.state === "intended") {
        const name = `${record.tag}.jsonl`;
        const isNamed = (one: z.output<typeof file>): boolean => one.filename === name;
        const found = record.status === UPLOADING ? await search("/files", file, isNamed, signal) : null;
        await save({ status: UPLOADING });
        const fileId = found?.id ?? (await upload(training));
        const submitting = await save({ state: "submitting", file_id: fileId, status: null });
        return submitted(await create({ ...training, job: submitting }, fileId));
      }
      const { tag, file_id: fileId } = record;
      const earlier = await search(
        "/fine_tuning/jobs",
        job,
        (one) => one.training_file === fileId || one.metadata?.assay_tag === tag,
        signal,
      );
      return submitted(earlier?.id ?? (await create(training, fileId ?? "")));

      function submitted(id: string): Promise<Job> {
        return save({ state: "submitted", job_id: id, submitted_at: new Date().toISOString() });
      }
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
