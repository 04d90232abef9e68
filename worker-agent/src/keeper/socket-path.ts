/** Addresses of unix sockets whose path is longer than the kernel takes. */
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** sockaddr_un holds 108 bytes with the closing zero; a margin for other platforms (macOS: 104). */
const MAX_ADDRESS_BYTES = 100;

export type SocketAddress = { path: string; release(): Promise<void> };

/**
 * An address for a socket at `path`, good until `release`. A long path is reached through an open descriptor of its
 * folder, which the kernel shows below /proc (Linux).
 */
export async function socketAddress(path: string): Promise<SocketAddress> {
  if (Buffer.byteLength(path) <= MAX_ADDRESS_BYTES) return { path, release: async () => undefined };
  const folder = await open(dirname(path), "r");
  return { path: join(`/proc/${process.pid}/fd/${folder.fd}`, basename(path)), release: () => folder.close() };
}
