/** A file far beyond what one request may carry on the platform, sent in resumable chunks and cut five times on the way. */
import { randomBytes } from "node:crypto";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { openHouse } from "../../e2e/house.ts";
import { hashOf, hashOfFile, numberedBlocks, upload } from "../../e2e/tus.ts";
import { MemoryWatch, runtimeOf } from "../load/memory.ts";
import type { Trial } from "../measure.ts";

const BYTES = 10e9;
const MIB = 1024 ** 2;
const CHUNK_BYTES = 64 * MIB;
const CUTS = [1e9, 3e9, 5e9, 7e9, 9e9];

export const uploads: Trial = {
  name: "upload-10g",
  isLong: true,
  onlyWhenAsked: true,
  rows: {
    rate: { title: "upload of 10 GB by tus, cut five times", unit: "MB/s" },
    runtime: { title: "of that, growth of the runtime", unit: "MiB" },
    agent: { title: "of that, growth of the agent", unit: "MiB" },
  },
  measure: async ({ later }) => {
    const house = await openHouse();
    later.defer(() => house.close());
    await mustHaveRoom(house.nodeData);
    const app = await house.api.install({ name: "hello" });
    const source = numberedBlocks(BYTES, randomBytes(65_537));
    const watches = [new MemoryWatch(runtimeOf(house)), new MemoryWatch(await house.agentPid())];
    for (const watch of watches) later.defer(() => watch.stop());
    const begin = performance.now();
    const cuts = [...CUTS];
    const { path, retries } = await upload({ port: house.port, key: house.adminKey, instance: app.id }, source, {
      chunkBytes: CHUNK_BYTES,
      metadata: { filename: "large.bin" },
      onSent: (bytes) => bytes >= (cuts[0] ?? Number.POSITIVE_INFINITY) && cuts.shift() !== undefined,
    });
    const seconds = (performance.now() - begin) / 1000;
    const [runtime = 0, agent = 0] = watches.map((watch) => watch.takeGrowth() / MIB);
    if (retries < CUTS.length) throw new Error(`only ${retries} of ${CUTS.length} cuts were felt`);
    const arrived = await hashOfFile(join(house.nodeData, "instances", app.slug, path));
    if (arrived !== hashOf(source)) throw new Error("what arrived is not what was sent");
    return { rate: BYTES / 1e6 / seconds, runtime, agent };
  },
};

async function mustHaveRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = BYTES * 1.2;
  if (bavail * bsize < needed) throw new Error(`${folder} has no room for ${needed / 1e9} GB`);
}
