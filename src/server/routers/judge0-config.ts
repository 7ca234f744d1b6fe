import type { Language } from "../languages.js";

/** Judge0's limits, in its units (seconds and kB), as `GET /config_info` tells them. */
export const JUDGE0_CONFIG = {
  maintenance_mode: false,
  enable_wait_result: true,
  enable_compiler_options: false,
  allowed_languages_for_compile_options: [] as string[],
  enable_command_line_arguments: true,
  enable_submission_delete: false,
  enable_callbacks: false,
  callbacks_max_tries: 0,
  callbacks_timeout: 0,
  enable_additional_files: false,
  max_queue_size: 10_000,
  cpu_time_limit: 5,
  max_cpu_time_limit: 60,
  cpu_extra_time: 1,
  max_cpu_extra_time: 5,
  wall_time_limit: 10,
  max_wall_time_limit: 120,
  memory_limit: 512_000,
  max_memory_limit: 4_096_000,
  stack_limit: 64_000,
  max_stack_limit: 512_000,
  max_processes_and_or_threads: 60,
  max_max_processes_and_or_threads: 120,
  enable_per_process_and_thread_time_limit: false,
  allow_enable_per_process_and_thread_time_limit: true,
  enable_per_process_and_thread_memory_limit: false,
  allow_enable_per_process_and_thread_memory_limit: true,
  max_file_size: 8192,
  max_max_file_size: 65_536,
  number_of_runs: 1,
  max_number_of_runs: 20,
  redirect_stderr_to_stdout: false,
  max_extract_size: 0,
  enable_batched_submissions: true,
  max_submission_batch_size: 100,
  submission_cache_duration: 0,
  use_docs_as_homepage: false,
  allow_enable_network: false,
  enable_network: false,
  disable_implicit_base64_encoding: true,
};

/** The release of Judge0 whose interface this is; its Python client looks languages up by it. */
export const JUDGE0_VERSION = "1.13.1";

export const STATUSES = [
  { id: 1, description: "In Queue" },
  { id: 2, description: "Processing" },
  { id: 3, description: "Accepted" },
  { id: 4, description: "Wrong Answer" },
  { id: 5, description: "Time Limit Exceeded" },
  { id: 6, description: "Compilation Error" },
  { id: 7, description: "Runtime Error (SIGSEGV)" },
  { id: 8, description: "Runtime Error (SIGXFSZ)" },
  { id: 9, description: "Runtime Error (SIGFPE)" },
  { id: 10, description: "Runtime Error (SIGABRT)" },
  { id: 11, description: "Runtime Error (NZEC)" },
  { id: 12, description: "Runtime Error (Other)" },
  { id: 13, description: "Internal Error" },
  { id: 14, description: "Exec Format Error" },
] as const;
export type Status = (typeof STATUSES)[number];

/** The name in a row of `GET /languages`, the same for each of a language's ids. It says what really runs here. */
export async function nameForJudge0(language: Language): Promise<string> {
  return `${language.name} (${await language.version()})`;
}
