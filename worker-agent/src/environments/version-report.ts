/** What is in an instance's Python environment, asked of its own Python, as its app's user. */
import { join } from "node:path";
import type { VersionReport } from "@roundhouse/protocol/api/versions";
import type { Facts } from "@roundhouse/protocol/facts";
import { parseJson } from "@roundhouse/protocol/json";
import * as z from "zod";
import { runProgramGroup } from "../host/program-group.ts";
import type { Surroundings } from "../instances/surroundings.ts";

/** Importing PyTorch from a slow disk takes long (the same limit as with AiKore). */
const LIMIT_MS = 120_000;

/** What AiKore's version check lists. */
const PACKAGES = [
  ...["torch", "torchvision", "torchaudio", "xformers", "flash-attn", "sageattention", "accelerate", "bitsandbytes"],
  ...["triton", "peft", "nunchaku", "numpy", "Pillow", "opencv-python", "opencv-python-headless"],
  ...["transformers", "diffusers"],
];

/** PyTorch alone is imported, and only where it is: what else is there is read from its metadata. */
const ASK = `
import importlib.metadata, json, platform, sys
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
found = {name: version(name) for name in sys.argv[1:]}
torch = None
if found.get("torch"):
    try:
        import torch as module
        torch = {"cuda": module.version.cuda, "cudaAvailable": bool(module.cuda.is_available())}
    except Exception as error:
        print(f"torch cannot be imported: {error}", file=sys.stderr)
print(json.dumps({"python": platform.python_version(), "versions": found, "torch": torch}))
`;
const Answer = z.object({
  python: z.string(),
  versions: z.record(z.string(), z.string().nullable()),
  torch: z.object({ cuda: z.string().nullable(), cudaAvailable: z.boolean() }).nullable(),
});

/** Throws when the environment's Python cannot say. */
export async function reportVersions(surroundings: Surroundings, facts: Facts, now: Date): Promise<VersionReport> {
  const { os, cpu, memoryTotalBytes, gpus } = facts;
  const common = { host: { os, cpu, memoryTotalBytes, gpus }, checkedAt: now.toISOString() };
  const found = environmentIn(surroundings.env);
  if (!found) return { ...common, environment: null, packages: [], torch: null, conflicts: null };
  const python = join(found.path, "bin/python");
  const [{ python: version, versions, torch }, conflicts] = [
    await ask(python, surroundings),
    await checkConflicts(python, surroundings),
  ];
  const packages = PACKAGES.map((name) => ({ name, version: versions[name] ?? null }));
  return { ...common, environment: { ...found, python: version }, packages, torch, conflicts };
}

function environmentIn(env: Record<string, string>): { kind: "venv" | "conda"; path: string } | undefined {
  const { VIRTUAL_ENV: venv, CONDA_PREFIX: conda } = env;
  if (venv !== undefined) return { kind: "venv", path: venv };
  return conda === undefined ? undefined : { kind: "conda", path: conda };
}

async function ask(python: string, surroundings: Surroundings): Promise<z.infer<typeof Answer>> {
  const result = await run(python, ["-c", ASK, ...PACKAGES], surroundings);
  if (result.kind !== "ended") throw new Error(`${python} ${result.kind === "hung" ? "does not end" : "is missing"}`);
  const answer = Answer.safeParse(parseJson(result.stdout));
  if (answer.success) return answer.data;
  throw new Error(`${python} cannot say what it has: ${result.stderr.trim().split("\n").at(-1) ?? "no word of it"}`);
}

/** `pip check` says one conflict a line, and ends with 1 when there is any. */
async function checkConflicts(python: string, surroundings: Surroundings): Promise<string[] | null> {
  const result = await run(python, ["-m", "pip", "check", "--disable-pip-version-check"], surroundings);
  if (result.kind !== "ended" || /No module named pip/.test(result.stderr)) return null;
  const lines = result.stdout.split("\n").filter((line) => line.trim() !== "");
  return result.code === 0 ? [] : lines;
}

function run(python: string, args: string[], { env, user }: Surroundings) {
  return runProgramGroup(python, args, { limitMs: LIMIT_MS, env, ...user });
}
