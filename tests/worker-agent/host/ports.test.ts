/** Choosing a port, and reading the kernel's table of sockets. */
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  isInPool,
  isPortFree,
  parseListening,
  pickEphemeralPort,
  pickPort,
} from "../../../worker-agent/src/host/ports.ts";

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:4A39 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11111 1 0000 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 22222 1 0000 100 0 0 10 0
   2: 0100007F:4A39 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 33333 1 0000 20 4 30 10 -1
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 44444 1 0000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 55555 1 0000 100 0 0 10 0
`;

describe("the table of sockets", () => {
  it("gives listening ones only, with their address and inode", () => {
    expect(parseListening(TCP)).toEqual([
      { port: 19001, address: "127.0.0.1", inode: 11111 },
      { port: 8080, address: "0.0.0.0", inode: 22222 },
    ]);
  });

  it("is read for IPv6 too", () => {
    expect(parseListening(TCP6)).toEqual([
      { port: 80, address: "0:0:0:0:0:0:0:1", inode: 44444 },
      { port: 81, address: "::ffff:127.0.0.1", inode: 55555 },
    ]);
  });
});

describe("a port for an instance", () => {
  it("is the lowest that is neither taken nor in use", async () => {
    const busy = await listen("127.0.0.1");
    expect(await pickPort({ pool: { first: busy, last: busy + 2 }, taken: [busy + 1] })).toBe(busy + 2);
  });

  it("is the preferred one when that is free and still of the pool", async () => {
    const free = await freePort();
    const pool = { first: free - 1, last: free + 3 };
    expect(await pickPort({ pool, taken: [], preferred: free })).toBe(free);
    expect(await pickPort({ pool, taken: [free], preferred: free })).not.toBe(free);
    expect(await pickPort({ pool: { first: free + 1, last: free + 3 }, taken: [], preferred: free })).not.toBe(free);
  });

  it("of the kernel's choice never lies in the pool, also in a large one where the kernel likes to choose", async () => {
    const range = await readFile("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
    const [low = 0] = range.trim().split(/\s+/).map(Number);
    const pool = { first: low, last: low + 999 };
    for (let time = 0; time < 200; time += 1) {
      const port = await pickEphemeralPort(pool, new Set());
      expect(port).toBeDefined();
      expect(isInPool(pool, port ?? low)).toBe(false);
    }
  });

  it("of the kernel's choice is none when all lie in the pool", async () => {
    expect(await pickEphemeralPort({ first: 1, last: 65_535 }, new Set())).toBeUndefined();
  });

  it("is none when the pool is used up", async () => {
    const busy = await listen("127.0.0.1");
    expect(await pickPort({ pool: { first: busy, last: busy }, taken: [] })).toBeUndefined();
  });

  it("is not one that somebody listens on at another address", async () => {
    expect(await isPortFree(await listen("0.0.0.0"))).toBe(false);
  });
});

function listen(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  return new Promise((done) => server.listen(0, host, () => done((server.address() as AddressInfo).port)));
}

async function freePort(): Promise<number> {
  const port = await listen("127.0.0.1");
  await new Promise((done) => servers.pop()?.close(done));
  return port;
}
