import { describe } from "vitest";

// What the sandbox promises, it promises in both tiers: the same tests once more, in cells without namespaces.
process.env.ASSAY_TEST_TIER = "unprivileged";

describe("cells", () => import("./sandbox-cells.test.js").then(() => undefined));
describe("descriptors", () => import("./sandbox-descriptors.test.js").then(() => undefined));
describe("files", () => import("./sandbox-files.test.js").then(() => undefined));
describe("held files", () => import("./sandbox-held.test.js").then(() => undefined));
describe("live input", () => import("./sandbox-live.test.js").then(() => undefined));
describe("judge", () => import("./sandbox-judge.test.js").then(() => undefined));
describe("memory", () => import("./sandbox-memory.test.js").then(() => undefined));
describe("limits", () => import("./sandbox-limits.test.js").then(() => undefined));
describe("scripts", () => import("./sandbox-scripts.test.js").then(() => undefined));
describe("secrets", () => import("./sandbox-secrets.test.js").then(() => undefined));
describe("sources", () => import("./sandbox-sources.test.js").then(() => undefined));
describe("stdin", () => import("./sandbox-stdin.test.js").then(() => undefined));
describe("values", () => import("./sandbox-values.test.js").then(() => undefined));
describe("view", () => import("./sandbox-view.test.js").then(() => undefined));
describe("wall limits", () => import("./sandbox-wall.test.js").then(() => undefined));
