import { setMaxListeners } from "node:events";

import type { Response } from "express";

/** A signal that is aborted when the connection closes before the answer is finished. */
export function hangUpOf(res: Response): AbortSignal {
  const hangUp = new AbortController();
  // A request with many samples waits on it many times.
  setMaxListeners(0, hangUp.signal);
  const onClose = (): void => {
    if (!res.writableFinished) hangUp.abort();
  };
  if (res.destroyed || res.closed) onClose();
  else res.once("close", onClose);
  return hangUp.signal;
}
