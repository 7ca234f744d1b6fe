import { join } from "node:path";

import { dir } from "tmp-promise";
import { onTestFinished } from "vitest";
import { createHostApp } from "../src/modelhost/app.js";
import type { Backend } from "../src/modelhost/contract.js";
import { Jobs } from "../src/modelhost/jobs.js";
import { Store } from "../src/modelhost/state/store.js";
import { TinyBackend } from "../src/modelhost/tiny/backend.js";
import { tinyConfig } from "../src/modelhost/tiny/base.js";
import { listen } from "../src/server/listen.js";
import type { Tokens } from "../src/server/tokens.js";

export async function temporaryFolder(): Promise<string> {
  const folder = await dir({ unsafeCleanup: true });
  onTestFinished(() => folder.cleanup());
  return folder.path;
}

/** A tiny back end, pre-trained on little: enough to write text of the right shape. */
export function startTiny(folder: string): Promise<TinyBackend> {
  const config = tinyConfig.parse({ rows: 150, epochs: 1 });
  return TinyBackend.start(config, join(folder, "base"), () => undefined, new AbortController().signal);
}

export interface RunningHost {
  readonly url: string;
  readonly store: Store;
  stop(): Promise<void>;
}

/** A model host on a free port of the loopback, with its state in `folder`; stopped after the test. */
export async function startHost(folder: string, backend: Backend, tokens?: Tokens): Promise<RunningHost> {
  const store = await Store.open(folder);
  const jobs = new Jobs(store, backend);
  const app = createHostApp({ store, backend, jobs, ...(tokens === undefined ? {} : { tokens }) });
  const listening = await listen(app, "127.0.0.1", 0);
  jobs.resume();
  const stop = async (): Promise<void> => {
    await jobs.stop();
    await listening.close(0);
  };
  onTestFinished(stop);
  return { url: listening.url, store, stop };
}
