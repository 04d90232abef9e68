/** How secrets of a child's environment come to its keeper: as JSON by standard input, so that no disk and no list of processes holds them. */
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import * as z from "zod";
import type { KeeperSpec } from "./spec.ts";

/** Values by the names of variables. */
export type Secrets = Readonly<Record<string, string>>;

export function takesSecrets({ secretEnv }: KeeperSpec): boolean {
  return secretEnv.length > 0;
}

export function encodeSecrets(secrets: Secrets): string {
  return JSON.stringify(secrets);
}

/** Throws where they do not come whole: the agent that had them is gone. */
export async function readSecrets(spec: KeeperSpec, input: Readable): Promise<Secrets> {
  if (!takesSecrets(spec)) return {};
  const shape = Object.fromEntries(spec.secretEnv.map((name) => [name, z.string()]));
  return z.strictObject(shape).parse(JSON.parse(await text(input)));
}
