/** The root secret of a self-hosted control plane: a file of mode 0600, made once. */
import { createHmac, randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** 32 random bytes as base64url. */
export function masterKey(data: string): string {
  const file = join(data, "master.key");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  chmodSync(file, 0o600);
  return readFileSync(file, "utf8").trim();
}

/** The bearer token by which this machine's own start program speaks to its control plane. */
export function localBearer(key: string): string {
  return createHmac("sha256", key).update("local").digest("base64url");
}
