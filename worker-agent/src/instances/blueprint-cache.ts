/** Sources of blueprints on this node, each under the hash of its content. */
import { hashSecret as sha256 } from "@roundhouse/protocol/ids";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DataRoot } from "../host/data-root.ts";
import { whenMissing } from "../keeper/durable-file.ts";

/** The source, or undefined when it is not here or is no longer what its name says. */
export async function cachedSource(root: DataRoot, digest: string): Promise<string | undefined> {
  if (!isDigest(digest)) return undefined;
  const source = await readFile(join(root.blueprintsDir, digest), "utf8").catch(whenMissing);
  return source !== undefined && (await sha256(source)) === digest ? source : undefined;
}

/** Keeps a source; false when it is not the one its digest names. */
export async function cacheSource(root: DataRoot, digest: string, source: string): Promise<boolean> {
  if (!isDigest(digest) || (await sha256(source)) !== digest) return false;
  const path = join(root.blueprintsDir, digest);
  // Two instances may ask for the same source at once, and both answers arrive here.
  const draft = `${path}.${crypto.randomUUID()}.tmp`;
  await writeFile(draft, source, { mode: 0o600 });
  await rename(draft, path);
  return true;
}

/** 32 bytes as unpadded base64url: never a path. */
function isDigest(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}
