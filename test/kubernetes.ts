import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseDocument } from "yaml";
import { z } from "zod";

/** What the manifests may say: of the fields that Kubernetes knows those that are in use, and no others. */

const labels = z.record(z.string(), z.string());
const metadata = z.strictObject({ name: z.string(), labels: labels.optional() });
const selector = z.strictObject({ matchLabels: labels });
const quantity = z.string().regex(/^\d+(\.\d+)?(m|[KMG]i)?$/);
const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith("/"), port: z.string() }),
  periodSeconds: z.int().optional(),
  timeoutSeconds: z.int().optional(),
  failureThreshold: z.int().optional(),
});
const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  ports: z.array(z.strictObject({ name: z.string(), containerPort: z.int() })),
  resources: z.strictObject({
    requests: z.strictObject({ cpu: quantity, memory: quantity }),
    limits: z.strictObject({ cpu: quantity, memory: quantity }),
  }),
  startupProbe: probe,
  readinessProbe: probe,
  livenessProbe: probe,
  lifecycle: z.strictObject({ preStop: z.strictObject({ exec: z.strictObject({ command: z.array(z.string()) }) }) }),
  volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() })),
});
const volume = z.union([
  z.strictObject({
    name: z.string(),
    secret: z.strictObject({ secretName: z.string(), defaultMode: z.int() }),
  }),
  z.strictObject({
    name: z.string(),
    emptyDir: z.strictObject({ medium: z.literal("Memory"), sizeLimit: quantity }),
  }),
]);

export const deployment = z.strictObject({
  apiVersion: z.literal("apps/v1"),
  kind: z.literal("Deployment"),
  metadata,
  spec: z.strictObject({
    selector,
    strategy: z.strictObject({ rollingUpdate: z.strictObject({ maxSurge: z.int(), maxUnavailable: z.int() }) }),
    template: z.strictObject({
      metadata: z.strictObject({ labels }),
      spec: z.strictObject({
        automountServiceAccountToken: z.boolean(),
        enableServiceLinks: z.boolean(),
        terminationGracePeriodSeconds: z.int(),
        securityContext: z.strictObject({
          runAsNonRoot: z.boolean(),
          ...{ runAsUser: z.int(), runAsGroup: z.int(), fsGroup: z.int() },
        }),
        topologySpreadConstraints: z.array(
          z.strictObject({
            maxSkew: z.int(),
            topologyKey: z.string(),
            whenUnsatisfiable: z.enum(["ScheduleAnyway", "DoNotSchedule"]),
            labelSelector: selector,
          }),
        ),
        containers: z.tuple([container]),
        volumes: z.array(volume),
      }),
    }),
  }),
});

const profile = z.strictObject({ type: z.enum(["RuntimeDefault", "Unconfined"]) });
/** What a tier adds to the deployment. */
export const securityPatch = z.strictObject({
  apiVersion: z.literal("apps/v1"),
  kind: z.literal("Deployment"),
  metadata,
  spec: z.strictObject({
    template: z.strictObject({
      spec: z.strictObject({
        securityContext: z.strictObject({ seccompProfile: profile, appArmorProfile: profile.optional() }),
        containers: z.tuple([
          z.strictObject({
            name: z.string(),
            securityContext: z.strictObject({
              allowPrivilegeEscalation: z.boolean(),
              readOnlyRootFilesystem: z.boolean(),
              capabilities: z.strictObject({ drop: z.array(z.string()) }),
            }),
          }),
        ]),
      }),
    }),
  }),
});

export const service = z.strictObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Service"),
  metadata,
  spec: z.strictObject({
    selector: labels,
    ports: z.array(z.strictObject({ name: z.string(), port: z.int(), targetPort: z.string() })),
  }),
});

const podsMetric = z.strictObject({
  type: z.literal("Pods"),
  pods: z.strictObject({
    metric: z.strictObject({ name: z.string() }),
    target: z.strictObject({ type: z.literal("AverageValue"), averageValue: quantity }),
  }),
});
const scaling = z.strictObject({
  stabilizationWindowSeconds: z.int(),
  policies: z.array(z.strictObject({ type: z.enum(["Percent", "Pods"]), value: z.int(), periodSeconds: z.int() })),
});
export const autoscaler = z.strictObject({
  apiVersion: z.literal("autoscaling/v2"),
  kind: z.literal("HorizontalPodAutoscaler"),
  metadata,
  spec: z.strictObject({
    scaleTargetRef: z.strictObject({ apiVersion: z.string(), kind: z.string(), name: z.string() }),
    minReplicas: z.int(),
    maxReplicas: z.int(),
    metrics: z.array(podsMetric),
    behavior: z.strictObject({ scaleUp: scaling, scaleDown: scaling }),
  }),
});

export const disruptionBudget = z.strictObject({
  apiVersion: z.literal("policy/v1"),
  kind: z.literal("PodDisruptionBudget"),
  metadata,
  spec: z.strictObject({ maxUnavailable: z.int(), selector }),
});

export const networkPolicy = z.strictObject({
  apiVersion: z.literal("networking.k8s.io/v1"),
  kind: z.literal("NetworkPolicy"),
  metadata,
  spec: z.strictObject({
    podSelector: selector,
    policyTypes: z.array(z.enum(["Ingress", "Egress"])),
    ingress: z.array(
      z.strictObject({ ports: z.array(z.strictObject({ protocol: z.literal("TCP"), port: z.string() })) }),
    ),
    egress: z.tuple([]),
  }),
});

export const kustomization = z.strictObject({
  apiVersion: z.literal("kustomize.config.k8s.io/v1beta1"),
  kind: z.literal("Kustomization"),
  namespace: z.string().optional(),
  resources: z.array(z.string()),
  labels: z.array(z.strictObject({ pairs: labels })).optional(),
  patches: z
    .array(
      z.union([
        z.strictObject({ path: z.string() }),
        z.strictObject({ target: z.strictObject({ kind: z.string(), name: z.string() }), patch: z.string() }),
      ]),
    )
    .optional(),
});

/** Reads a YAML file of `deploy/`. Throws where it is no YAML, or says a thing twice. */
export function readYaml(path: string): unknown {
  const document = parseDocument(readFileSync(join(import.meta.dirname, "../deploy", path), "utf8"));
  if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join("; ")}`);
  return document.toJS() as unknown;
}
