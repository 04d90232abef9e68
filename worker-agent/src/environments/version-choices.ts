/** What one may choose for a new environment on this node: from its pythons and tools, its driver, and PyTorch's index. */
import type { NodeVersions } from "@roundhouse/protocol/api/versions";
import type { EnvironmentFacts, Facts } from "@roundhouse/protocol/facts";
import { runProgram } from "../host/programs.ts";
import { fetchTorchVersions, newestFirst, torchIndex, type TorchVersion } from "./torch-index.ts";

/** What uv and conda-forge have. */
const FETCHED_PYTHONS = ["3.14", "3.13", "3.12", "3.11", "3.10", "3.9", "3.8"];

/** What PyTorch's index had when this was built. */
const BUILD_TORCH: TorchVersion[] = [
  { version: "2.10.0", cuda: ["13.0", "12.8", "12.6"] },
  { version: "2.9.1", cuda: ["13.0", "12.8", "12.6"] },
  { version: "2.8.0", cuda: ["12.9", "12.8", "12.6"] },
  { version: "2.7.1", cuda: ["12.8", "12.6", "11.8"] },
  { version: "2.6.0", cuda: ["12.6", "12.4", "11.8"] },
  { version: "2.5.1", cuda: ["12.4", "12.1", "11.8"] },
];

const KEPT_MS = { index: 60 * 60_000, build: 60_000 } as const;

type Sources = {
  facts: () => Promise<Pick<Facts, "environments">>;
  readDriverCuda?: () => Promise<string | null>;
  index?: () => string;
  log: (line: string) => void;
  now?: () => number;
};

/** A reader. It asks PyTorch's index once an hour, or soon again when that did not answer; the rest anew. */
export function createVersionChoices(sources: Sources): () => Promise<NodeVersions> {
  const { facts, readDriverCuda = askDriver } = sources;
  const readTorch = createTorchReader(sources);
  return async () => {
    const [{ environments }, driver, { torch, torchSource }] = await Promise.all([
      facts(),
      readDriverCuda(),
      readTorch(),
    ]);
    const all = [...new Set(torch.flatMap(({ cuda }) => cuda))].toSorted(newestFirst);
    const served = driver === null ? [] : all.filter((version) => newestFirst(version, driver) >= 0);
    const pythons = environments ? pythonChoices(environments) : [];
    return { pythons, cuda: { driver, versions: served }, torch, torchSource };
  };
}

function createTorchReader({ index = torchIndex, log, now = Date.now }: Sources) {
  type Answer = Pick<NodeVersions, "torch" | "torchSource">;
  let kept: { until: number; answer: Promise<Answer> } | undefined;
  const read = async (): Promise<Answer> => {
    try {
      const torch = await fetchTorchVersions(index());
      if (torch.length > 0) return { torch, torchSource: "index" };
      log("versions: PyTorch's index has no wheels for CUDA");
    } catch (error) {
      log(`versions: PyTorch's index cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    return { torch: BUILD_TORCH, torchSource: "build" };
  };
  return async (): Promise<Answer> => {
    if (kept && kept.until > now()) return kept.answer;
    const fresh = { until: Infinity, answer: read() };
    kept = fresh;
    fresh.until = now() + KEPT_MS[(await fresh.answer).torchSource];
    return fresh.answer;
  };
}

/** Minor versions, the newest first. */
export function pythonChoices({ tools, pythons }: EnvironmentFacts): NodeVersions["pythons"] {
  const minor = (version: string) => version.split(".").slice(0, 2).join(".");
  const installed = new Set(pythons.filter(({ venv }) => venv).map(({ version }) => minor(version)));
  const fetched = tools.length === 0 ? [] : FETCHED_PYTHONS;
  return [...new Set([...installed, ...fetched])]
    .toSorted(newestFirst)
    .map((version) => ({ version, source: installed.has(version) ? "installed" : "fetched" }));
}

/** The head of nvidia-smi's table says it: `CUDA Version: 12.8`. */
async function askDriver(): Promise<string | null> {
  const result = await runProgram("nvidia-smi", []);
  return result.kind === "ended" ? cudaOfDriver(result.stdout) : null;
}

export function cudaOfDriver(output: string): string | null {
  return /CUDA (?:UMD )?Version\s*:\s*(\d+\.\d+)/.exec(output)?.[1] ?? null;
}
