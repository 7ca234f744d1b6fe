import { isIP } from "node:net";

import { z } from "zod";
import { InputError } from "../errors.js";

/** Options of a verb that listens: where, and who may come in. */
export function hostOptions(port: number) {
  return {
    host: z.string().default("127.0.0.1"),
    port: z
      .string()
      .regex(/^\d{1,5}$/, "expected a port, from 0 to 65535")
      .transform(Number)
      .refine((given) => given <= 65_535, "expected a port, from 0 to 65535")
      .default(port),
    tokenFile: z.string().optional(),
    auth: z.boolean().default(true),
  };
}

export const logLevelOption = z.enum(["debug", "info", "warn", "error", "silent"], {
  error: "expected debug, info, warn, error or silent",
});

/** Whoever can reach the service can `do what` it is for, so that must be meant. Throws `InputError`. */
export function checkExposure(
  { host, tokenFile, auth }: { host: string; tokenFile?: string | undefined; auth: boolean },
  what: string,
): void {
  if (isIP(host) === 0 && host !== "localhost") throw new InputError(`--host: expected an IP address, got "${host}"`);
  const isLocal = host === "localhost" || host === "::1" || host.startsWith("127.");
  if (isLocal || tokenFile !== undefined || !auth) return;
  throw new InputError(
    `--host ${host} is reachable from elsewhere: give a --token-file, or --no-auth to let everybody ${what}`,
  );
}
