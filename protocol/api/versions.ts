/** What is in an instance's Python environment, in the HTTP API. */
import * as z from "zod";
import { Facts } from "../facts.ts";

export const VersionReport = z
  .object({
    /** null: it has none, or none yet. */
    environment: z.object({ kind: z.enum(["venv", "conda"]), path: z.string(), python: z.string() }).nullable(),
    /** The packages that people ask after, whether they are there (`version`) or not (null). */
    packages: z.array(z.object({ name: z.string(), version: z.string().nullable() })),
    /** The CUDA that PyTorch was built for, and whether it can use a GPU; null without PyTorch. */
    torch: z.object({ cuda: z.string().nullable(), cudaAvailable: z.boolean() }).nullable(),
    /** In pip's words, one each; null where pip is not in the environment. */
    conflicts: z.array(z.string()).nullable(),
    host: Facts.pick({ os: true, cpu: true, memoryTotalBytes: true, gpus: true }),
    checkedAt: z.iso.datetime(),
  })
  .meta({ id: "VersionReport" });
export type VersionReport = z.infer<typeof VersionReport>;
