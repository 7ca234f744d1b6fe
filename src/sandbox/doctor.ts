import { existsSync } from "node:fs";

import { execa } from "execa";

import { Cell } from "./cell.js";
import type { Enforcement } from "./contract.js";
import { TRIALS, type Trial } from "./doctor-trials.js";
import { describeEnforcement } from "./enforcement.js";
import { SANDBOXES, type Tier } from "./jail-parts.js";
import { findAddon, howToGetIsolates, JAVASCRIPT } from "./javascript.js";
import { findLanguage, findVersion, howToInstall, isInstalled, listLanguages } from "./languages.js";
import { hasLibrary, LIBRARIES, PYLATEXENC } from "./libraries.js";
import { resolveLimits } from "./limits.js";
import { groupPlace } from "./memory-groups.js";
import { loadProgram } from "./programs.js";
import { buildFilter } from "./seccomp.js";

/** What is enforced on this machine, as tried out, and how to get what is missing. */
export interface DoctorReport {
  /** Everything required is there: programs can be graded. */
  readonly ok: boolean;
  /** The tier that programs would be graded in. */
  readonly isolation: string;
  readonly runtime: string;
  /** Of this machine, and of the tier in force; where there is none, of each that was asked for. */
  readonly checks: readonly DoctorCheck[];
  /** All languages, installed or not. */
  readonly languages?: readonly LanguageReport[];
  /** Both tiers, the better one first. */
  readonly tiers?: readonly TierReport[];
}

export interface LanguageReport {
  readonly id: string;
  readonly name: string;
  readonly installed: boolean;
  /** Of the toolchain; empty where it is not installed or does not say. */
  readonly version: string;
  /** How it is had, where it is not installed. */
  readonly fix: string | null;
}

export interface TierReport {
  readonly tier: Tier;
  readonly ok: boolean;
  readonly runtime: string;
  readonly checks: readonly DoctorCheck[];
  /** By what means each wall and limit holds in this tier here. */
  readonly walls: Enforcement["walls"];
}

export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly required: boolean;
  readonly detail: string;
  /** A command line or a setting that mends it. */
  readonly fix: string | null;
}

export const TIERS: readonly Tier[] = ["namespaces", "unprivileged"];
export const PYTHON = "/usr/bin/python3";
export const HOW_TO_GET_BWRAP = "apt-get install -y bubblewrap";

/** Looks for what the sandbox needs, then starts a real cell in each tier and tries each wall from inside. */
export async function probe(isolation: Tier | "auto" = "auto"): Promise<DoctorReport> {
  const machine = [processorCheck(), pythonCheck(), ...LIBRARIES.map(libraryCheck), pylatexencCheck(), groupCheck()];
  const startable = machine.every(({ ok, required }) => ok || !required);
  const tiers: TierReport[] = [];
  for (const tier of TIERS) tiers.push(await probeTier(tier, startable));
  const asked = tiers.filter(({ tier }) => isolation === "auto" || tier === isolation);
  const inForce = asked.find(({ ok }) => ok);
  if (inForce !== undefined) machine.push(await isolatesCheck(inForce.tier));
  const checks = [...machine, ...(inForce === undefined ? asked : [inForce]).flatMap(({ checks }) => checks)];
  return {
    ...{ ok: inForce !== undefined, isolation: inForce?.tier ?? "none", runtime: inForce?.runtime ?? "" },
    ...{ checks, tiers, languages: await reportLanguages() },
  };
}

/** One of each family: variants come with it. */
async function reportLanguages(): Promise<LanguageReport[]> {
  const families = listLanguages().filter(({ id, family }) => id === family);
  return Promise.all(
    families.map(async (language) => {
      const installed = isInstalled(language);
      const version = installed ? await findVersion(language) : "";
      return {
        id: language.id,
        name: language.name,
        installed,
        version,
        fix: installed ? null : howToInstall(language),
      };
    }),
  );
}

async function probeTier(tier: Tier, startable: boolean): Promise<TierReport> {
  const checks: DoctorCheck[] = [tier === "namespaces" ? await bwrapCheck() : await landlockCheck()];
  let runtime = "";
  if (startable && checks.every(({ ok }) => ok)) {
    try {
      const cell = await Cell.start("python", [], 0, tier);
      try {
        runtime = cell.runtime;
        checks.push(required("a cell starts", true, runtime, null));
        for (const trial of TRIALS) checks.push(await tryOut(cell, trial));
      } finally {
        await cell.dispose();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      checks.push(required("a cell starts", false, reason, howToStart(tier, reason)));
    }
  }
  const { walls } = describeEnforcement(tier, runtime);
  return { tier, ok: runtime !== "" && checks.every(({ ok }) => ok), runtime, checks, walls };
}

function required(name: string, ok: boolean, detail: string, fix: string | null): DoctorCheck {
  return { name, ok, required: true, detail, fix: ok ? null : fix };
}

function processorCheck(): DoctorCheck {
  try {
    buildFilter("jail");
    return required("system-call filter", true, `for ${process.arch}`, null);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return required("system-call filter", false, reason, "run assay on x86-64 or arm64");
  }
}

function pythonCheck(): DoctorCheck {
  return required("python", existsSync(PYTHON), PYTHON, "apt-get install -y python3");
}

async function bwrapCheck(): Promise<DoctorCheck> {
  const { failed, stdout } = await execa("bwrap", ["--version"], { reject: false, timeout: 10_000 });
  return required("bubblewrap", !failed, failed ? "bwrap is not on the path" : stdout, HOW_TO_GET_BWRAP);
}

async function landlockCheck(): Promise<DoctorCheck> {
  const args = ["-I", "-S", `${SANDBOXES}warden/landlock.py`];
  const { failed, stdout } = await execa(PYTHON, args, { reject: false, timeout: 10_000 });
  const version = failed ? 0 : Number(stdout);
  const detail = version > 0 ? `version ${version}` : "the kernel has none, or it is switched off or closed here";
  const fix = "Linux 5.13 or later with landlock in its list of security modules (boot option lsm=landlock,…)";
  return required("Landlock", version > 0, detail, fix);
}

function libraryCheck({ name, package: from, without }: (typeof LIBRARIES)[number]): DoctorCheck {
  const ok = hasLibrary(name);
  const detail = ok ? "loaded in a cell of its own for programs that name it" : without;
  return { name, ok, required: false, detail, fix: ok ? null : `apt-get install -y ${from}` };
}

function pylatexencCheck(): DoctorCheck {
  const ok = hasLibrary(PYLATEXENC);
  const detail = ok ? "read by the symbolic check" : "answers with LaTeX's accents and symbols are compared as texts";
  return { name: PYLATEXENC, ok, required: false, detail, fix: ok ? null : "apt-get install -y python3-pylatexenc" };
}

function groupCheck(): DoctorCheck {
  const place = groupPlace();
  const ok = typeof place !== "string";
  const detail = ok ? `version ${place.version}, below ${place.folder}` : `none for cells: ${place}`;
  const fix =
    "a delegated memory cgroup, see docs/sandbox.md; without it a process's memory is looked at from time to time";
  return { name: "memory cgroup", ok, required: false, detail, fix: ok ? null : fix };
}

/** Whether function problems in JavaScript get isolates: asked of the process that would make them. */
async function isolatesCheck(tier: Tier): Promise<DoctorCheck> {
  const check = (why: string | null): DoctorCheck => ({
    ...{ name: "JavaScript isolates", ok: why === null, required: false },
    detail: why === null ? `in force: ${describeAddon()}` : `not built: ${why}; each program gets a process of Node`,
    fix: why === null ? null : howToGetIsolates(),
  });
  const addon = findAddon();
  if ("missing" in addon) return check(addon.missing);
  const node = findLanguage(JAVASCRIPT);
  if (node === null || !isInstalled(node)) return check("there is no Node where cells can see it");
  try {
    const cell = await Cell.start(JAVASCRIPT, [], 0, tier);
    const { runtime } = cell;
    await cell.dispose();
    return check(runtime.includes("without isolates") ? `isolated-vm does not fit ${runtime}` : null);
  } catch (error) {
    return check(error instanceof Error ? error.message : String(error));
  }
}

function describeAddon(): string {
  const addon = findAddon();
  return "missing" in addon ? "" : `isolated-vm ${addon.version}, one for each run`;
}

/** What stands in the way when what a tier needs is there but no jail comes up. */
function howToStart(tier: Tier, reason: string): string {
  if (tier === "namespaces" && /namespace|uid map|Operation not permitted|clone/i.test(reason)) {
    return (
      "user namespaces are closed here. On the host: sysctl -w kernel.unprivileged_userns_clone=1 (Debian), " +
      "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu). In Docker: --security-opt seccomp=unconfined " +
      "--security-opt apparmor=unconfined"
    );
  }
  return "see the reason above";
}

async function tryOut(cell: Cell, { name, program, limits, holds, proof }: Trial): Promise<DoctorCheck> {
  const spec = { limits: resolveLimits(limits ?? {}) };
  const result = await cell.run(loadProgram({ language: "python", source: program }), spec);
  const ok = result !== null && holds(result);
  const found = result === null ? "the cell failed" : `${result.ending} ${result.detail} ${result.stdout.toString()}`;
  const fix = "please report this: it should hold wherever a cell starts";
  return required(name, ok, ok ? proof : `does not hold: ${found.trim()}`, fix);
}
