/**
 * Arguments that hold a secret's value, encrypted: a run stores what it shows, and what it shows has no secrets in it; but
 * what a node is sent must be the same when it is sent again.
 */
import { ServiceError } from "../error.ts";
import { decrypt, deriveCipherKey, encrypt } from "../secret/cipher.ts";
import { type MasterKeys, mastersOf } from "../secret/key.ts";

export type Arguments = Readonly<Record<string, unknown>>;

/** `runId` binds the text to its run. */
export async function sealArguments({ MASTER_KEY }: MasterKeys, runId: string, args: Arguments): Promise<string> {
  return encrypt(await keyUnder(MASTER_KEY), runId, JSON.stringify(args));
}

/** A run may have waited while the master key was replaced. Throws `conflict` for what neither key of the two opens. */
export async function openArguments(keys: MasterKeys, runId: string, sealed: string): Promise<Arguments> {
  let cause: unknown;
  for (const master of mastersOf(keys)) {
    try {
      return JSON.parse(await decrypt(await keyUnder(master), runId, sealed)) as Arguments;
    } catch (error) {
      if (!(error instanceof Error && error.name === "OperationError")) throw error;
      cause = error;
    }
  }
  throw new ServiceError(
    "conflict",
    "The arguments of this call were sealed under another MASTER_KEY, or are damaged.",
    {
      hint: "While runs wait, start with MASTER_KEY_PREVIOUS set to the former one.",
      cause,
    },
  );
}

function keyUnder(master: string): Promise<CryptoKey> {
  return deriveCipherKey(master, "run arguments", "");
}
