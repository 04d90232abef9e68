/** Large files through the whole house: cut off five times and still whole, with little memory on the way. */
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { errorOf } from "./api.ts";
import { type House, openHouse } from "./house.ts";
import { killHard } from "./processes.ts";
import { hashOf, hashOfFile, numberedBlocks, upload } from "./tus.ts";

const MIB = 1024 * 1024;
const SIZE = 150 * MIB;
const CHUNK = 16 * MIB;

let house: House;
let hello: Instance;

beforeAll(async () => {
  house = await openHouse();
  hello = await house.api.install({ name: "hello" });
});
afterAll(() => house?.close());

const target = () => ({ port: house.port, key: house.adminKey, instance: hello.id });
const place = (path: string) => join(house.nodeData, "instances", hello.slug, path);
const parts = () => readdir(join(house.nodeData, "state", hello.id, "uploads"));

/** Watches the resident memory of processes; answers by how many MiB each grew over what it was first seen with. */
function watchMemory(pids: () => number[]): () => Map<number, number> {
  const seen = new Map<number, { first: number; most: number }>();
  const look = async (): Promise<void> => {
    for (const pid of pids()) {
      const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
      const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
      const before = seen.get(pid) ?? { first: kib, most: kib };
      seen.set(pid, { first: before.first, most: Math.max(before.most, kib) });
    }
  };
  const timer = setInterval(() => void look(), 100);
  return () => {
    clearInterval(timer);
    return new Map([...seen].map(([pid, { first, most }]) => [pid, Math.round((most - first) / 1024)]));
  };
}

test("[UP3] five cuts, a killed agent and a killed runtime among them, leave the file whole", async () => {
  const source = numberedBlocks(SIZE, randomBytes(65_537));
  const cuts: { atMib: number; cut: () => boolean }[] = [
    { atMib: 5, cut: () => true },
    { atMib: 37, cut: () => true },
    {
      atMib: 60,
      cut: () => {
        void house.agentPid().then(killHard);
        return false;
      },
    },
    {
      atMib: 95,
      cut: () => {
        for (const { pid } of house.runtimes()) killHard(pid);
        return false;
      },
    },
    { atMib: 140, cut: () => true },
  ];
  const onSent = (bytes: number): boolean =>
    bytes >= (cuts[0]?.atMib ?? 1e9) * MIB ? (cuts.shift()?.cut() ?? false) : false;
  const done = await upload(target(), source, { chunkBytes: CHUNK, metadata: { filename: "big.bin" }, onSent });
  expect(done.path).toBe("uploads/big.bin");
  expect([cuts.length, done.retries >= 5]).toEqual([0, true]);
  expect(await hashOfFile(place(done.path))).toBe(hashOf(source));
  expect(await parts()).toEqual([expect.stringMatching(/^up_\w+\.json$/)]);
});

test("[UP9] memory stays small, on the node and in the runtime", async () => {
  const source = numberedBlocks(SIZE, randomBytes(65_537));
  const agent = await house.agentPid();
  const runtime = house.runtimes()[0]!.pid;
  const grown = watchMemory(() => [agent, runtime]);
  await upload(target(), source, { chunkBytes: 64 * MIB, metadata: { filename: "again.bin", path: "models/deep" } });
  const growth = grown();
  process.stdout.write(
    `  measured: memory grew by ${growth.get(agent)} MiB (agent), ${growth.get(runtime)} MiB (runtime)\n`,
  );
  expect(growth.get(agent)).toBeLessThan(64);
  expect(growth.get(runtime)).toBeLessThan(64);
  expect(await hashOfFile(place("models/deep/again.bin"))).toBe(hashOf(source));
});

test("[AC6] revoking the key ends the request that sends with it, and the next key may send", async () => {
  const key = await house.api.post<{ id: string; key: string }>("/api/keys", { name: "uploader", role: "operator" });
  const source = numberedBlocks(4 * MIB, randomBytes(65_537));
  const metadata = { filename: "revoked.bin" };
  let revoked = false;
  // At three quarters it waits for the revocation, with the rest of the body unsent.
  const onSent = (bytes: number): Promise<boolean> | boolean => {
    if (bytes < 3 * MIB || revoked) return false;
    revoked = true;
    return house.api.delete(`/api/keys/${key.id}`).then(() => new Promise((never) => void never));
  };
  await expect(upload({ ...target(), key: key.key }, source, { chunkBytes: CHUNK, metadata, onSent })).rejects.toThrow(
    "401",
  );
  const { path, retries } = await upload(target(), source, { chunkBytes: CHUNK, metadata });
  expect([path, retries]).toEqual(["uploads/revoked.bin", 0]);
});

test("[UP2] an upload is refused with a reason: where a file is, where nobody knows the instance, of a stranger", async () => {
  const options = { chunkBytes: CHUNK, metadata: { filename: "again.bin", path: "models/deep" } };
  await expect(upload(target(), numberedBlocks(10, Buffer.alloc(7)), options)).rejects.toThrow(/409.+file_exists/);
  const path = `/api/instances/${hello.id}/uploads`;
  const headers = { "Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Metadata": "filename YQ==" };
  expect(errorOf(await house.api.call("POST", "/api/instances/in_0/uploads", "", { headers })).code).toBe("not_found");
  const stranger = await house.api.call("POST", path, "", { headers: { ...headers, Authorization: "Bearer rhk_no" } });
  expect(stranger.status).toBe(401);
  const options2 = await house.api.call("OPTIONS", path);
  expect([options2.status, options2.headers["tus-version"]]).toEqual([204, "1.0.0"]);
});
