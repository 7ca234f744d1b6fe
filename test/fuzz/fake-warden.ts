import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

import { useTemporaryFolder } from "../temporary-folder.js";

/**
 * Stands where the host looks for `bwrap`: says what was put into its files. Hello first, then, once a request of
 * `waits` bytes has come, the reports on descriptor 4 and the frames on its output; then it ends.
 */
const SCRIPT = `#!/bin/sh
here=\${0%/*}
# As with bwrap, the warden is a child.
(
  cat "$here/hello"
  head -c "$(cat "$here/waits")" >/dev/null
  cat "$here/reports" >&4
  cat "$here/frames"
)
exit 0
`;

export interface Speech {
  readonly hello: Uint8Array;
  readonly frames: Uint8Array;
  readonly reports: Uint8Array;
  /** Bytes of the request to wait for; none after a hello that may not be one, since no request will come. */
  readonly waits: number;
}

/** Cells of the file that calls this get a warden that says what `speak` was given last. */
export function useFakeWarden() {
  const folder = useTemporaryFolder();
  const { PATH } = process.env;
  beforeEach(async () => {
    // Cells start as a user of their own.
    await chmod(folder.path, 0o755);
    await writeFile(join(folder.path, "bwrap"), SCRIPT, { mode: 0o755 });
    process.env.PATH = `${folder.path}:${PATH ?? ""}`;
  });
  afterEach(() => {
    process.env.PATH = PATH;
  });
  return {
    async speak(speech: Speech): Promise<void> {
      const { waits, ...said } = speech;
      for (const [name, content] of Object.entries({ ...said, waits: String(waits) })) {
        await writeFile(join(folder.path, name), content);
      }
    },
  };
}

/** A frame from a warden: its kind, its length, its content. */
export function frame(kind: number, content: Uint8Array | string, length?: number): Buffer {
  const body = Buffer.from(content);
  const head = Buffer.alloc(5);
  head.writeUInt8(kind & 0xff, 0);
  head.writeUInt32LE((length ?? body.length) >>> 0, 1);
  return Buffer.concat([head, body]);
}

/** A report from a judge: its length, then JSON. */
export function report(content: Uint8Array | string, length?: number): Buffer {
  return frame(0, content, length).subarray(1);
}

/** What a warden says at the end of a run. */
export function end({ status = 0, cause = 0, dirty = 0 }): Buffer {
  const body = Buffer.alloc(30);
  body.writeInt32LE(status, 0);
  body.writeBigUInt64LE(1000n, 4);
  body.writeBigUInt64LE(2000n, 12);
  body.writeBigUInt64LE(9000n, 20);
  body.writeUInt8(cause, 28);
  body.writeUInt8(dirty, 29);
  return body;
}
