import { checkFiles } from "../sandbox/files.js";
import { resolveLimits } from "../sandbox/limits.js";
import type { RunTask } from "./contract.js";
import { BadRequestError } from "./faults.js";

/**
 * The task, when its files, fetched paths and arguments are such as a run can have: a mistake in a request must not show
 * as a fault of the sandbox, which clients try again.
 *
 * @param field the part of the request that the task was made of
 * @throws BadRequestError with `status`
 */
export function checkTask<Task extends Pick<RunTask, "files" | "fetch" | "args">>(
  task: Task,
  field: string,
  status = 400,
): Task {
  const { files = [], fetch = [], args = [] } = task;
  try {
    checkFiles({ limits: resolveLimits(), files, fetch, args });
    return task;
  } catch (error) {
    throw error instanceof RangeError ? new BadRequestError(error.message, field, status) : error;
  }
}
