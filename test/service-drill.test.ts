import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, describe, it } from "vitest";

import { useBuiltCommand } from "./built-command.js";
import { mayMount } from "./drill/disk-full.js";
import { sendHuge, sendMalformed } from "./service-drill/bodies.js";
import { beSlow, hangUp } from "./service-drill/clients.js";
import { fillDisk } from "./service-drill/disk.js";
import { killCells, killServer } from "./service-drill/killed.js";
import { endServices } from "./service-drill/process.js";
import { sendRandom } from "./service-drill/random-requests.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const assay = useBuiltCommand();
const temporary = useTemporaryFolder();
afterEach(endServices);

/** Random requests; 10,000 in a long drill. */
const REQUESTS = Number(process.env.ASSAY_FUZZ_REQUESTS ?? 300);
const LIMIT_MS = 180_000;

/** Says what came of it where that was asked for. */
async function tell(what: string, figures: Promise<object>): Promise<void> {
  const found = JSON.stringify(await figures);
  if (process.env.ASSAY_DRILL !== undefined) console.info(`service drill: ${what}: ${found}`);
}

describe("whatever befalls the service, an answer is right or says that the service is to blame, and nothing is left behind", () => {
  it("cells are killed while requests run", () => tell("cells killed", killCells(assay.folder)), LIMIT_MS);
  it("the server is killed and started again", () => tell("server killed", killServer(assay.folder)), LIMIT_MS);
  // Without a mount namespace of its own there is no disk that may be filled up.
  it.skipIf(!mayMount()).each(["namespaces", "unprivileged"])(
    "the disk is full, cells of tier %s",
    async (tier) => {
      const disk = join(temporary.path, "disk");
      await mkdir(disk);
      await tell(`disk full, ${tier}`, fillDisk(assay.folder, disk, tier));
    },
    LIMIT_MS,
  );
  it("clients are slow", () => tell("slow clients", beSlow(assay.folder)), LIMIT_MS);
  it("clients hang up", () => tell("hung up", hangUp(assay.folder)), LIMIT_MS);
  it("bodies are huge", () => tell("huge bodies", sendHuge(assay.folder)), LIMIT_MS);
  it("bodies are malformed", () => tell("malformed bodies", sendMalformed(assay.folder)), LIMIT_MS);
  it(
    "requests are made up from the description",
    () => tell("random requests", sendRandom(assay.folder, REQUESTS)),
    LIMIT_MS + 200 * REQUESTS,
  );
});
