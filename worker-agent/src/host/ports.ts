/** TCP ports of this host: which are listened on, by whom, and which one an instance gets. */
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { isGone } from "./absent.ts";

export type ListeningSocket = { port: number; address: string; inode: number };
export type PortPool = { first: number; last: number };

/** The kernel's number of the state LISTEN in /proc/net/tcp. */
const LISTEN = "0A";

/** Every listening TCP socket of this network namespace, IPv4 and IPv6. */
async function listeningSockets(): Promise<ListeningSocket[]> {
  const texts = await Promise.all(["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(isGone)));
  return texts.flatMap((text) => parseListening(text ?? ""));
}

/** Ports that these processes listen on, ascending; `loopbackOnly` is false when the port is open on any other address. */
export async function listeningPortsOf(pids: number[]): Promise<{ port: number; loopbackOnly: boolean }[]> {
  const inodes = await socketInodesOf(pids);
  const ports = new Map<number, boolean>();
  for (const socket of await listeningSockets()) {
    if (!inodes.has(socket.inode)) continue;
    ports.set(socket.port, (ports.get(socket.port) ?? true) && isLoopback(socket.address));
  }
  return [...ports].map(([port, loopbackOnly]) => ({ port, loopbackOnly })).toSorted((a, b) => a.port - b.port);
}

/** The inodes of all sockets that these processes hold open. */
async function socketInodesOf(pids: number[]): Promise<Set<number>> {
  const inodes = new Set<number>();
  for (const pid of pids) {
    const descriptors = (await readdir(`/proc/${pid}/fd`).catch(isGone)) ?? [];
    const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(isGone)));
    for (const link of links) {
      const inode = /^socket:\[(\d+)\]$/.exec(link ?? "")?.[1];
      if (inode) inodes.add(Number(inode));
    }
  }
  return inodes;
}

/** The lowest port of the pool that is neither taken nor in use, or `preferred` when it is one of these; undefined when none is. */
export async function pickPort(options: {
  pool: PortPool;
  taken: Iterable<number>;
  preferred?: number | null;
}): Promise<number | undefined> {
  const taken = new Set(options.taken);
  const { preferred, pool } = options;
  if (preferred && isInPool(pool, preferred) && !taken.has(preferred) && (await isPortFree(preferred)))
    return preferred;
  for (let port = pool.first; port <= pool.last; port++) {
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  return undefined;
}

export function isInPool({ first, last }: PortPool, port: number): boolean {
  return port >= first && port <= last;
}

/**
 * A free port of the kernel's choice that lies outside the pool and is not taken; undefined when it offers none. What it
 * offers in vain is held meanwhile, so that it does not offer it again.
 */
export async function pickEphemeralPort(pool: PortPool, taken: ReadonlySet<number>): Promise<number | undefined> {
  const held: Server[] = [];
  try {
    for (let attempt = 0; attempt < EPHEMERAL_ATTEMPTS; attempt += 1) {
      const { server, port } = await listenAnywhere();
      held.push(server);
      if (!isInPool(pool, port) && !taken.has(port)) return port;
    }
    return undefined;
  } finally {
    await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  }
}

/** More than a pool has ports: as all of them differ, one lies outside. */
const EPHEMERAL_ATTEMPTS = 1100;

function listenAnywhere(): Promise<{ server: Server; port: number }> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen({ port: 0, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      if (typeof address === "object" && address) done({ server, port: address.port });
      else fail(new Error("a TCP server has a port"));
    });
  });
}

/** Whether an app could listen on this port of 127.0.0.1 right now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => done(true)));
  });
}

/** Listening sockets in the text of /proc/net/tcp or tcp6. */
export function parseListening(text: string): ListeningSocket[] {
  return text.split("\n").flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    const [address, port] = local?.split(":") ?? [];
    if (state !== LISTEN || !address || !port || !inode) return [];
    return [{ port: parseInt(port, 16), address: parseAddress(address), inode: Number(inode) }];
  });
}

/** The kernel prints each 32-bit word of an address in the host's byte order; every platform of ours is little-endian. */
function parseAddress(hex: string): string {
  const bytes =
    hex.match(/.{8}/g)?.flatMap((word) => (word.match(/../g) ?? []).toReversed().map((b) => parseInt(b, 16))) ?? [];
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 0xff && bytes[11] === 0xff) {
    return `::ffff:${bytes.slice(12).join(".")}`;
  }
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16),
  );
  return groups.join(":");
}

function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./.test(address) || address === "0:0:0:0:0:0:0:1";
}
