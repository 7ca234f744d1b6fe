import type { SelftrainConfig } from "./schema.js";

/** What of a configuration does not go together, or null. */
export function checkTogether(
  config: SelftrainConfig,
): { readonly path: readonly string[]; readonly problem: string } | null {
  const { problems, endpoint, improve, serve, evaluate, early_stop: earlyStop, generate } = config;
  const evaluated = new Set(evaluate.greedy_on);
  if (earlyStop !== null && (problems.validation === undefined || !evaluated.has("validation"))) {
    return { path: ["early_stop"], problem: "needs problems.validation, and validation in evaluate.greedy_on" };
  }
  const teacherApi = generate.teacher?.endpoint?.api;
  if (teacherApi !== undefined && teacherApi !== endpoint.api) {
    return {
      path: ["generate", "teacher", "endpoint", "api"],
      problem: "must be that of the endpoint: the teacher is given the same prompts",
    };
  }
  const format = improve.format;
  if (endpoint.api === "chat" && format === "segments") {
    return { path: ["improve", "format"], problem: "segments are plain text, and endpoint.api is chat" };
  }
  if (endpoint.api === "completions" && format === "chat") {
    return {
      path: ["improve", "format"],
      problem: "chat rows would teach another form of prompt than the one that endpoint.api completions sends",
    };
  }
  if (improve.driver.kind === "openai") {
    if (format === "segments") return { path: ["improve", "format"], problem: "the openai driver takes no segments" };
    if (endpoint.api === "chat" && format === "prompt_completion") {
      return { path: ["improve", "format"], problem: "the openai driver takes chat rows where endpoint.api is chat" };
    }
    if (serve.how !== "name") {
      return { path: ["serve", "how"], problem: "the openai driver leaves no weights here: must be name" };
    }
  }
  if (improve.data === "human" && config.iterations > 1 && improve.init === "base") {
    return { path: ["iterations"], problem: "human solutions are the same in every iteration: must be 1" };
  }
  return null;
}
