import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import { VERDICTS } from "../grading/types.js";
import { listLanguageIds } from "./languages.js";
import type { Operations } from "./service.js";

/** Every label value is one of a fixed list; what is not on it becomes `other`. */
const OUTCOMES = new Set<string>([...VERDICTS, "finished"]);
const LANGUAGES: ReadonlySet<string> = new Set(listLanguageIds());
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]);

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const MIB = 1 << 20;
const MEMORY = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096].map((mib) => mib * MIB);

export interface Metrics {
  readonly contentType: string;
  /** The exposition text. */
  text(): Promise<string>;
  /** Counts an answered request; `route` is the pattern it matched, or null where it matched none. */
  request(event: { method: string; route: string | null; status: number; seconds: number }): void;
}

/** Prometheus metrics of a service, kept up to date by its events. */
export function createMetrics({ events, load }: Operations): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    ...{ name: "assay_http_requests_total", help: "Answered HTTP requests", registers },
    labelNames: ["method", "route", "status"],
  });
  const requestSeconds = new Histogram({
    ...{ name: "assay_http_request_seconds", help: "From a request's arrival to the end of its answer", registers },
    ...{ labelNames: ["route"], buckets: SECONDS },
  });
  const outcomes = new Counter({
    ...{ name: "assay_runs_total", help: "Graded samples and runs, by what came of them", registers },
    labelNames: ["kind", "language", "outcome"],
  });
  const wait = new Histogram({
    ...{ name: "assay_queue_wait_seconds", help: "Wait before the work began", registers, buckets: SECONDS },
  });
  const cpu = new Histogram({
    ...{ name: "assay_run_cpu_seconds", help: "CPU time of programs, all tests", registers, buckets: SECONDS },
  });
  const wall = new Histogram({
    ...{ name: "assay_run_wall_seconds", help: "Elapsed time of programs, all tests", registers, buckets: SECONDS },
  });
  const memory = new Histogram({
    ...{ name: "assay_run_memory_bytes", help: "Peak memory of programs", registers, buckets: MEMORY },
  });
  const hits = new Counter({ name: "assay_cache_hits_total", help: "Answers of other requests' runs", registers });
  const refusals = new Counter({
    ...{ name: "assay_refused_total", help: "Requests without an answer", registers, labelNames: ["reason"] },
  });
  const faults = new Counter({ name: "assay_infrastructure_errors_total", help: "Faults of the grader", registers });

  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
  };
  gauge("assay_queue_length", "Pieces of work that wait for a place", () => load().waiting);
  gauge("assay_running", "Pieces of work in the sandbox", () => load().running);
  gauge("assay_places", "Pieces of work that can be in the sandbox at once", () => load().places);
  gauge("assay_cache_entries", "Answers remembered", () => load().remembered);
  gauge("assay_cache_bytes", "Memory of remembered answers", () => load().rememberedBytes);
  gauge("assay_cells", "Cells that are up", () => load().cells?.up ?? 0);
  gauge("assay_cells_busy", "Cells with a program in them", () => load().cells?.busy ?? 0);
  gauge(
    "assay_cells_started",
    "Cells started so far; beyond those that are up, these were replaced",
    () => load().cells?.started ?? 0,
  );

  events.listen({
    served({ kind, language, outcome, cached, queueMs, usage }) {
      outcomes.inc({ kind, language: oneOf(LANGUAGES, language), outcome: oneOf(OUTCOMES, outcome) });
      if (cached) {
        hits.inc();
        return;
      }
      wait.observe(queueMs / 1000);
      cpu.observe(usage.cpuMs / 1000);
      wall.observe(usage.wallMs / 1000);
      memory.observe(usage.peakMemoryKb * 1024);
    },
    refused: ({ reason }) => refusals.inc({ reason }),
    fault: () => faults.inc(),
  });

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    request({ method, route, status, seconds }) {
      const known = route ?? "other";
      requests.inc({ method: oneOf(METHODS, method), route: known, status: String(status) });
      requestSeconds.observe({ route: known }, seconds);
    },
  };
}

function oneOf(known: ReadonlySet<string>, value: string): string {
  return known.has(value) ? value : "other";
}
