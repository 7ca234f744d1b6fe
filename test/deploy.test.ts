import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, describe, expect, it } from "vitest";

import { runCommandLine } from "../src/cli/program.js";
import type { SandboxOptions } from "../src/sandbox/index.js";
import { makeRecord, makeWorld } from "./cli-fakes.js";
import { findUnknown, readExposition, type Exposed } from "./exposition.js";
import * as kubernetes from "./kubernetes.js";
import { actBusy, startPageServer, type PageServer } from "./page-server.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const ROOT = join(import.meta.dirname, "..");
const TIERS = ["namespaces", "unprivileged"] as const;
const folder = useTemporaryFolder();
const servers: PageServer[] = [];
const start = async (): Promise<PageServer> => {
  const server = await startPageServer();
  servers.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(1000)));
});

const has = (command: string): boolean => spawnSync("which", [command]).status === 0;
const deployment = () => kubernetes.deployment.parse(kubernetes.readYaml("kubernetes/base/deployment.yaml"));

/** Gives a command line to the real parser of `assay`, up to the start of the sandbox. What that was asked for. */
async function startSandboxWith(words: readonly string[]): Promise<SandboxOptions | undefined> {
  const tokens = await folder.write("me:0123456789abcdef\n", "tokens");
  let asked: SandboxOptions | undefined;
  const { context, stderr } = makeWorld([], ({ id }) => makeRecord(id), {
    createSandbox: (options) => {
      asked = options;
      return Promise.reject(new Error("far enough"));
    },
  });
  const args = words.map((word) =>
    word.replace(/^(--token-file=|)(\/run\/secrets\/assay\/tokens|%d\/tokens)$/, `$1${tokens}`),
  );
  await runCommandLine(context, args).catch(() => undefined);
  if (asked === undefined) throw new Error(stderr.text);
  return asked;
}

describe("the Kubernetes manifests", () => {
  const container = () => deployment().spec.template.spec.containers[0];
  const seconds = (flag: string) =>
    Number(
      container()
        .args.find((arg) => arg.startsWith(`${flag}=`))
        ?.slice(flag.length + 1),
    );

  it("start the service with options that it has, in the tier that they are for", async () => {
    for (const tier of TIERS) {
      const { patches = [] } = kubernetes.kustomization.parse(
        kubernetes.readYaml(`kubernetes/${tier}/kustomization.yaml`),
      );
      const added = patches.flatMap((one) => ("patch" in one ? [one.patch] : [])).join("\n");
      const value = /path: \/spec\/template\/spec\/containers\/0\/args\/-, value: (\S+) \}/.exec(added)?.[1] ?? "";
      expect(await startSandboxWith([...container().args, value])).toEqual({ isolation: tier, cells: 4 });
    }
    expect(container().resources.limits.cpu).toBe("4");
  });

  it("ask for readiness and liveness where the service answers", async () => {
    const { url } = await start();
    const { startupProbe, readinessProbe, livenessProbe, ports } = container();
    for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe]) {
      expect((await fetch(url + httpGet.path)).status).toBe(200);
      expect(ports.map(({ name }) => name)).toContain(httpGet.port);
    }
  });

  it("leave enough time for draining", () => {
    const { terminationGracePeriodSeconds } = deployment().spec.template.spec;
    const [, pause] = container().lifecycle.preStop.exec.command;
    // 5 s more for the last answers, see src/cli/serve.ts.
    expect(terminationGracePeriodSeconds).toBeGreaterThan(Number(pause) + seconds("--drain-limit") + 5);
  });

  it("speak of the same pods, ports and volumes", () => {
    const { labels } = deployment().spec.template.metadata;
    const service = kubernetes.service.parse(kubernetes.readYaml("kubernetes/base/service.yaml"));
    const budget = kubernetes.disruptionBudget.parse(kubernetes.readYaml("kubernetes/base/disruption-budget.yaml"));
    const policy = kubernetes.networkPolicy.parse(kubernetes.readYaml("kubernetes/base/network-policy.yaml"));
    const scaler = kubernetes.autoscaler.parse(kubernetes.readYaml("kubernetes/base/autoscaler.yaml"));
    expect(deployment().spec.selector.matchLabels).toEqual(labels);
    expect(service.spec.selector).toEqual(labels);
    expect(budget.spec.selector.matchLabels).toEqual(labels);
    expect(policy.spec.podSelector.matchLabels).toEqual(labels);
    expect(scaler.spec.scaleTargetRef).toEqual({ apiVersion: "apps/v1", kind: "Deployment", name: "assay" });
    const ports = container().ports.map(({ name }) => name);
    expect(ports).toContain(service.spec.ports[0]?.targetPort);
    expect(ports).toContain(policy.spec.ingress[0]?.ports[0]?.port);
    expect(seconds("--port")).toBe(container().ports[0]?.containerPort);
    const volumes = deployment().spec.template.spec.volumes.map(({ name }) => name);
    expect(container().volumeMounts.map(({ name }) => name)).toEqual(volumes);
  });

  it.each(TIERS)("give the pod what the tier %s needs and nothing else", (tier) => {
    const patch = kubernetes.securityPatch.parse(kubernetes.readYaml(`kubernetes/${tier}/security.yaml`));
    const { securityContext, containers } = patch.spec.template.spec;
    expect(patch.metadata.name).toBe(deployment().metadata.name);
    expect(containers[0]).toEqual({
      name: container().name,
      securityContext: {
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
      },
    });
    expect(deployment().spec.template.spec.securityContext.runAsNonRoot).toBe(true);
    const type = tier === "unprivileged" ? "RuntimeDefault" : "Unconfined";
    expect(securityContext.seccompProfile).toEqual({ type });
    expect(securityContext.appArmorProfile).toEqual(tier === "unprivileged" ? undefined : { type });
  });

  it("name files that are there", () => {
    for (const part of ["base", ...TIERS]) {
      const { resources, patches = [] } = kubernetes.kustomization.parse(
        kubernetes.readYaml(`kubernetes/${part}/kustomization.yaml`),
      );
      const files = [...resources, ...patches.flatMap((one) => ("path" in one ? [one.path] : []))];
      const there = [...readdirSync(join(ROOT, "deploy/kubernetes", part)), "../base"];
      expect(there).toEqual(expect.arrayContaining(files));
      expect(files.length).toBe(there.length - (part === "base" ? 2 : 1));
    }
  });

  it("scale by metrics that the adapter makes", () => {
    const { spec } = kubernetes.autoscaler.parse(kubernetes.readYaml("kubernetes/base/autoscaler.yaml"));
    const made = adapterRules().map(({ name }) => name.as);
    expect(spec.metrics.map(({ pods }) => pods.metric.name)).toEqual(made);
  });

  it.skipIf(!has("kubectl"))("are put together by kustomize (skipped where there is no kubectl)", () => {
    for (const tier of TIERS) {
      const text = execFileSync("kubectl", ["kustomize", join(ROOT, "deploy/kubernetes", tier)], { encoding: "utf8" });
      expect(text).toContain(`- --isolation=${tier}`);
      expect(text.match(/^ {2}namespace: assay$/gm)).toHaveLength(5);
    }
  });
});

const adapterRules = () =>
  (kubernetes.readYaml("kubernetes/prometheus-adapter.yaml") as { rules: { custom: AdapterRule[] } }).rules.custom;
interface AdapterRule {
  readonly seriesQuery: string;
  readonly metricsQuery: string;
  readonly name: { readonly as: string };
}

describe("what is asked of the metrics", () => {
  /** The metrics of a service on which everything has happened once. */
  const expose = async (): Promise<Exposed> => {
    const { url, service } = await start();
    actBusy(service);
    service.events.refused({ at: Date.now(), client: "x", reason: "busy" });
    await fetch(`${url}/healthz`);
    return readExposition(await (await fetch(`${url}/metrics`)).text());
  };

  it("is there for every panel of the dashboard", async () => {
    const exposed = await expose();
    const dashboard = JSON.parse(await readFile(join(ROOT, "deploy/grafana/assay.json"), "utf8")) as Dashboard;
    const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(20);
    expect(expressions.flatMap((expression) => findUnknown(expression, exposed))).toEqual([]);
    const places = dashboard.panels.map(({ gridPos: { x, y, w } }) => ({ x, y, w }));
    expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(places.length);
    expect(places.every(({ x, w }) => x + w <= 24)).toBe(true);
  });

  it("is there for every alert and for the autoscaler", async () => {
    const exposed = await expose();
    const { groups } = kubernetes.readYaml("prometheus/alerts.yaml") as { groups: { rules: { expr: string }[] }[] };
    const alerts = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
    expect(alerts.length).toBeGreaterThan(5);
    const rules = adapterRules().flatMap(({ seriesQuery, metricsQuery }) => [
      seriesQuery,
      metricsQuery.replaceAll("<<.LabelMatchers>>", "").replaceAll("<<.GroupBy>>", "pod"),
    ]);
    expect([...alerts, ...rules].flatMap((expression) => findUnknown(expression, exposed))).toEqual([]);
  });

  it("is there for everything that the manuals name", async () => {
    const exposed = await expose();
    const histograms = [...exposed.keys()].map((name) => name.replace(/_(bucket|sum|count)$/, ""));
    const known = new Set([...exposed.keys(), ...histograms, "assay_queue_wait_seconds_mean"]);
    for (const page of ["docs/operations.md", "docs/service.md"]) {
      const text = await readFile(join(ROOT, page), "utf8");
      const named = text.match(/\b(?:assay|nodejs|process)_[a-z]+_[a-z0-9_]+\b/g) ?? [];
      expect(named.filter((name) => !known.has(name) && !name.startsWith("assay_reward"))).toEqual([]);
    }
  });
});

interface Dashboard {
  readonly panels: readonly {
    readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

describe("the systemd unit", () => {
  const read = (name: string) => readFile(join(ROOT, "deploy/systemd", name), "utf8");

  it.each(TIERS)("starts the service with options that it has, in the tier %s", async (tier) => {
    const command = /^ExecStart=(\S+ .*)$/m.exec(await read(`tier-${tier}.conf`))?.[1] ?? "";
    const [program, ...words] = command.split(" ");
    expect(program).toBe("/usr/local/bin/assay");
    expect(await startSandboxWith(words)).toMatchObject({ isolation: tier });
  });

  it("stops the service alone first, and leaves it enough time", async () => {
    const unit = await read("assay.service");
    expect(unit).toMatch(/^KillMode=mixed$/m);
    const limit = Number(/--drain-limit (\d+)/.exec(unit)?.[1]);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(limit + 5);
  });

  it.skipIf(!has("systemd-analyze"))("is sound for systemd (skipped where there is none)", async () => {
    for (const tier of TIERS) {
      const place = join(folder.path, tier);
      await mkdir(join(place, "assay.service.d"), { recursive: true });
      await cp(join(ROOT, `deploy/systemd/tier-${tier}.conf`), join(place, "assay.service.d/tier.conf"));
      // What it starts has to be there for systemd.
      for (const [from, to] of [
        ["assay.service", "assay.service"],
        [`tier-${tier}.conf`, "assay.service.d/tier.conf"],
      ]) {
        await writeFile(
          join(place, to ?? ""),
          (await read(from ?? "")).replaceAll("/usr/local/bin/assay", "/bin/true"),
        );
      }
      const { status, stderr } = spawnSync("systemd-analyze", ["verify", join(place, "assay.service")], {
        encoding: "utf8",
      });
      const said = stderr.split("\n").filter((line) => line !== "" && !line.includes("DelegateSubgroup"));
      expect({ status, said }).toEqual({ status: 0, said: [] });
    }
  });
});

describe("the Dockerfile", () => {
  const text = readFileSync(join(ROOT, "Dockerfile"), "utf8").replaceAll("\\\n", " ");
  const words = (keyword: RegExp) => JSON.parse(keyword.exec(text)?.[1] ?? "null") as string[];

  it("serves by default, with options that there are, and only with tokens", async () => {
    const command = words(/^CMD (\[.*\])$/m);
    expect(command[0]).toBe("serve");
    expect(command).toContain("--token-file");
    expect(command).not.toContain("--no-auth");
    await startSandboxWith(command);
  });

  it("has a health check that says whether the service is ready", async () => {
    const { url, service } = await start();
    const [node, ...args] = words(/^HEALTHCHECK .*CMD (\[.*\])$/m);
    expect(node).toBe("node");
    const told = args.map((arg) => arg.replace("http://127.0.0.1:8080", url));
    const check = async () => (await execa(process.execPath, told, { reject: false, timeout: 30_000 })).exitCode;
    expect(await check()).toBe(0);
    await service.drain(1000);
    expect(await check()).toBe(1);
    await servers.splice(0)[0]?.close(1000);
    expect(await check()).toBe(1);
  });

  it("has everything that the command finds beside itself", () => {
    const copied = [...text.matchAll(/^COPY (?:--\S+ )?(.*) \S+$/gm)].flatMap(([, from = ""]) => from.split(" "));
    const ignored = readFileSync(join(ROOT, ".dockerignore"), "utf8");
    for (const name of ["sandboxes", "page", "fixtures"]) {
      expect(copied).toContain(name);
      expect(ignored).toContain(`!${name}\n`);
    }
  });
});
