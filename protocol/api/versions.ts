/** What is in an instance's Python environment, and what one may choose for it, in the HTTP API. */
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

/** What one may choose for a new environment on a node. A version that is not named may still work: these are suggestions. */
export const NodeVersions = z
  .object({
    pythons: z.array(
      z.object({
        /** As `pythonVersion` takes it: `3.12`. */
        version: z.string(),
        /** `installed` on the node, or `fetched` by its uv or conda when an environment asks for it. */
        source: z.enum(["installed", "fetched"]),
      }),
    ),
    cuda: z.object({
      /** The newest that the node's driver serves; null without NVIDIA's driver. */
      driver: z.string().nullable(),
      /** Those that PyTorch is built for and the driver serves, the newest first. */
      versions: z.array(z.string()),
    }),
    /** The newest first, each with the CUDA versions it is built for. */
    torch: z.array(z.object({ version: z.string(), cuda: z.array(z.string()) })),
    /** Who told about PyTorch: its index, or, where the node does not reach it, the list of this build. */
    torchSource: z.enum(["index", "build"]),
  })
  .meta({ id: "NodeVersions" });
export type NodeVersions = z.infer<typeof NodeVersions>;
