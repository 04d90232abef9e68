/** Secrets of the HTTP API: a value goes in and never comes out; what comes back is its name and what uses it. */
import * as z from "zod";
import { Timestamp } from "./common.ts";

const NAME_RULE = "letters, digits and _, beginning with a letter; at most 64";
export const SecretName = z
  .string()
  .max(64, NAME_RULE)
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, NAME_RULE);

export const Secret = z
  .object({
    name: z.string(),
    /** Which key it is encrypted with. */
    keyId: z.string(),
    usedBy: z.array(
      z.object({ kind: z.enum(["provider", "job", "instance", "mcp-server"]), id: z.string(), name: z.string() }),
    ),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: "Secret" });
export type Secret = z.infer<typeof Secret>;

/** A short value could not be told from ordinary words where it is taken out of logs. */
export const SecretValue = z.string().min(8, "at least 8 characters").max(32_768, "at most 32,768 characters");
export const NewSecret = z.object({ name: SecretName, value: SecretValue }).meta({ id: "NewSecret" });
export type NewSecret = z.infer<typeof NewSecret>;
export const PutSecret = z.object({ value: SecretValue }).meta({ id: "PutSecret" });
export type PutSecret = z.infer<typeof PutSecret>;

/** Under which new key all secrets are now, and how many these are. */
export const RotatedSecrets = z.object({ keyId: z.string(), secrets: z.int() }).meta({ id: "RotatedSecrets" });
export type RotatedSecrets = z.infer<typeof RotatedSecrets>;
