/** The metadata header of a bash blueprint, as existing scripts write it. Read by the catalogue and by the agent. */
import * as z from "zod";
import { readDeclaredPorts } from "./blueprint-ports.ts";
import { declaredPorts, readContainer } from "./container-blueprint.ts";
import type { BlueprintKind } from "./instance.ts";
import type { DeclaredPort } from "./ports.ts";

/** What a blueprint needs of a node before it makes sense to install it there. */
export const BlueprintNeeds = z
  .object({
    /** A vendor, or `any` for a GPU of whatever make; null when the processor will do. */
    gpu: z.enum(["any", "nvidia", "amd", "intel"]).nullable(),
    gpuMemoryBytes: z.number().positive().nullable(),
    /** Free space that the first start needs. */
    diskBytes: z.number().positive().nullable(),
    docker: z.boolean(),
    /** Platforms (`local`, `vast`, …) and processors (`x64`, `arm64`) it runs on; empty means all. */
    platforms: z.array(z.string()),
  })
  .meta({ id: "BlueprintNeeds" });
export type BlueprintNeeds = z.infer<typeof BlueprintNeeds>;

/** For blueprints that state nothing. */
export const NO_NEEDS: BlueprintNeeds = {
  gpu: null,
  gpuMemoryBytes: null,
  diskBytes: null,
  docker: false,
  platforms: [],
};

export type BashMetadata = {
  name: string | null;
  description: string | null;
  category: string | null;
  venvType: "conda" | "python" | null;
  /** Relative to the instance's folder. */
  venvPath: string;
  needs: BlueprintNeeds;
  /** Ports that an instance of it has beside its main one. */
  ports: DeclaredPort[];
  /** Needs and ports that cannot be understood, in words; these count as not stated. */
  problems: string[];
  /** Every key found, unknown ones included. */
  keys: Record<string, string>;
};

export const METADATA_START = "### AIKORE-METADATA-START ###";
export const METADATA_END = "### AIKORE-METADATA-END ###";
const DEFAULT_VENV_PATH = "./env";

/**
 * The metadata of a script, or undefined when it has no block. The block may stand before the shebang or behind a junk
 * first line; a line is `# aikore.<key> = <value>` (or `# roundhouse.<key> = …`), split at the first `=`.
 */
export function parseBashMetadata(source: string): BashMetadata | undefined {
  const lines = source.split(/\r?\n/);
  const start = lines.findIndex((line) => line.includes(METADATA_START));
  const end = lines.findIndex((line, index) => index > start && line.includes(METADATA_END));
  if (start < 0 || end < 0) return undefined;
  const keys: Record<string, string> = {};
  for (const line of lines.slice(start + 1, end)) {
    const match = /^\s*#\s*(?:aikore|roundhouse)\.([A-Za-z0-9_-]+)\s*=(.*)$/.exec(line);
    if (match?.[1] && match[2] !== undefined) keys[match[1]] = match[2].trim();
  }
  const venvType = keys["venv_type"];
  const { needs, problems } = readNeeds(keys);
  const declared = readDeclaredPorts(keys["ports"]);
  return {
    name: keys["name"] || null,
    description: keys["description"] || null,
    category: keys["category"] || null,
    venvType: venvType === "conda" || venvType === "python" ? venvType : null,
    venvPath: keys["venv_path"] || DEFAULT_VENV_PATH,
    needs,
    ports: declared.ports,
    problems: [...problems, ...declared.problems],
    keys,
  };
}

/** What a source states that it needs of its node. */
export function needsOf(kind: BlueprintKind, source: string): BlueprintNeeds {
  if (kind === "container")
    return { ...NO_NEEDS, docker: true, gpu: readContainer(source).spec?.gpus ? "nvidia" : null };
  return (kind === "bash" ? parseBashMetadata(source)?.needs : undefined) ?? NO_NEEDS;
}

/** The ports that a source declares. */
export function portsOf(kind: BlueprintKind, source: string): DeclaredPort[] {
  if (kind === "container") {
    const { spec } = readContainer(source);
    return spec ? declaredPorts(spec) : [];
  }
  return (kind === "bash" ? parseBashMetadata(source)?.ports : undefined) ?? [];
}

const GPU_WORDS = ["any", "nvidia", "amd", "intel"] as const;
const UNITS: Record<string, number> = {
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** The needs among the keys of a block, and in words those that cannot be understood. */
export function readNeeds(keys: Record<string, string>): { needs: BlueprintNeeds; problems: string[] } {
  const problems: string[] = [];
  const read = <T>(key: string, expected: string, parse: (text: string) => T | undefined): T | null => {
    const text = keys[key];
    if (!text) return null;
    const value = parse(text.toLowerCase());
    if (value === undefined) problems.push(`${key}: ${JSON.stringify(text)} is not ${expected}`);
    return value ?? null;
  };
  const needs: BlueprintNeeds = {
    gpu: read("needs_gpu", `one of ${GPU_WORDS.join(", ")}`, (text) => GPU_WORDS.find((word) => word === text)),
    gpuMemoryBytes: read("needs_gpu_memory", "a size such as 8GiB", parseSize),
    diskBytes: read("needs_disk", "a size such as 20GiB", parseSize),
    docker: read("needs_docker", "yes or no", parseYesNo) ?? false,
    platforms: read("needs_platform", "a list such as x64, arm64", parseWords) ?? [],
  };
  return { needs, problems };
}

function parseSize(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text) ?? [];
  const bytes = Number(amount) * (UNITS[unit] ?? Number.NaN);
  return bytes > 0 ? bytes : undefined;
}

function parseYesNo(text: string): boolean | undefined {
  if (text === "yes") return true;
  return text === "no" ? false : undefined;
}

function parseWords(text: string): string[] | undefined {
  const words = text.split(/[\s,|]+/).filter((word) => word !== "");
  return words.every((word) => /^[a-z0-9-]+$/.test(word)) ? words : undefined;
}
