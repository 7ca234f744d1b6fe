import { readdirSync, readFileSync } from "node:fs";

import { z } from "zod";

import { InputError } from "../errors.js";
import { SANDBOXES } from "./jail-parts.js";

/** A word by which a language is asked for; case does not matter. */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9+#._-]*$/, "must be lower-case letters, digits and + # . _ -")
  .max(40);
const key = z.string().regex(/^[a-z][a-zA-Z]*$/, "must be letters only, the first one small");
const path = z.string().regex(/^\/[^\0]*[^/\0]$/, "must be an absolute path");
const text = z.string().regex(/^[^\0]*$/, "must not have a NUL in it");
const command = z.array(text.min(1)).min(1);
const pattern = z.string().transform((source, context) => {
  try {
    return new RegExp(source, "m");
  } catch {
    context.addIssue({ code: "custom", message: "is not a regular expression" });
    return z.NEVER;
  }
});
const fileName = z.string().regex(/^[^/\0]+$/, "must be the name of a file");
const count = z.int().nonnegative();
const environment = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), text).default({});
const settings = z.record(key, text);

const schema = z
  .strictObject({
    /** For people. */
    name: z.string().min(1),
    aliases: z.array(name).default([]),
    /** The name that a program's main file gets; `{main}` in it is what `mainName` finds. */
    sourceFile: fileName,
    /** Where the file's name depends on the source: the first group of the first pattern that fits it, else `otherwise`. */
    mainName: z.strictObject({ patterns: z.array(pattern).min(1), otherwise: fileName }).optional(),
    /** Words for the commands below, which variants change. */
    settings: settings.default({}),
    /** Languages of their own that differ by settings alone, such as `cpp20`. */
    variants: z
      .record(name, z.strictObject({ name: z.string().min(1), aliases: z.array(name).default([]), settings }))
      .default({}),
    toolchain: z.strictObject({
      /** What has to be there, each by the first of its paths that exists; commands name it as `{key}`. */
      programs: z.record(key, z.array(path).min(1)).refine((all) => Object.keys(all).length > 0, "must name a program"),
      /** A package of npm that has to be installed beside assay's own; its version is the language's. */
      package: z
        .string()
        .regex(/^[a-z][a-z0-9-]*$/)
        .optional(),
      /** Prints the version, as the first thing on any of its streams that looks like one. */
      version: command,
      /** What to install on Debian; empty where Debian does not have it. */
      debian: z.array(z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/)),
    }),
    compile: z
      .strictObject({
        command,
        environment,
        /**
         * What of the compiler's work a run finds in its folder: file names, with `*` for any characters. Where there
         * are none, it only checks the program, and a run finds the sources.
         */
        keep: z.array(text.min(1)).default([]),
        limits: z
          .strictObject({ cpuMs: count, memoryKb: count, processes: count, fileBytes: count })
          .partial()
          .default({}),
      })
      .optional(),
    run: z
      .strictObject({
        command,
        environment,
        /** It may start other processes (shells). Where not, it can execute nothing after itself. */
        mayFork: z.boolean().default(false),
      })
      .optional(),
    /** Paths outside of /usr, /bin, /sbin and /lib that it reads; none of them may hold anything of the machine's owner. */
    readable: z.array(path).default([]),
    /** It ends where there is no /proc: in cells without one its programs are not run at all. */
    needsProc: z.boolean().default(false),
    limits: z
      .strictObject({
        /** By how much longer its programs take than those of the languages that time limits are meant for. */
        timeMultiplier: z.number().min(1).max(20).default(1),
        /** `touched` where the runtime reserves far more than it uses, so that address space says nothing. */
        memory: z.enum(["address-space", "touched"]).default("address-space"),
        /** What the runtime itself takes, which is not counted as the program's. */
        extraMemoryKb: count.default(0),
        extraThreads: count.default(0),
        extraOpenFiles: count.default(0),
      })
      .prefault({}),
    /** What services whose protocols assay speaks call it, where that is not its id or an alias; variants have none. */
    services: z
      .strictObject({
        /** Its ids in Judge0's published list, each for one version there. */
        judge0: z.array(z.int().positive()).default([]),
        piston: name.optional(),
        sandboxFusion: z.string().min(1).optional(),
      })
      .prefault({}),
    /** What on stderr says that a program that failed ran out of memory. */
    outOfMemory: z.array(pattern).default([]),
    /** The folder with a warden of the language's own, which takes its programs as source. */
    warden: key.optional(),
    /** Its programs are made programs of another language first, by the warden in this folder; then they are those. */
    translate: z.strictObject({ warden: key, to: key }).optional(),
  })
  .refine(
    ({ run, warden, translate }) => run !== undefined || warden !== undefined || translate !== undefined,
    "must have a run command, a warden or a translation",
  );

/** What assay knows of a language; `docs/adding-a-language.md` says what each field is for. */
export type Manifest = z.output<typeof schema>;

const MANIFEST = "manifest.json";

/**
 * The manifests in a folder of languages, by the languages' ids.
 * @throws InputError that names file and field where one cannot be used
 */
export function readManifests(folder = SANDBOXES): ReadonlyMap<string, Manifest> {
  const manifests = new Map<string, Manifest>();
  for (const id of readdirSync(folder).sort()) {
    const file = `${folder}${id}/${MANIFEST}`;
    const content = readIfThere(file);
    if (content !== null) manifests.set(id, parseManifest(content, file));
  }
  return manifests;
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function parseManifest(content: string, file: string): Manifest {
  let data: unknown;
  try {
    data = JSON.parse(content);
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error), { file });
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(issue?.message ?? "is not usable", { file, field: issue?.path.join(".") });
}
