/** What the last lines of a log give away of why an app ended. Pure. */
import type { KnownReason } from "@roundhouse/protocol/reasons";

type Clue = {
  pattern: RegExp;
  /** How far from the end it still counts: some of these are also said by apps that go on. */
  withinLines: number;
  reason: (match: RegExpExecArray) => KnownReason;
};

/** What a keeper writes between two launches (keeper/keep.ts). */
const LAUNCH_TITLE = /^── launch \d+ /;
/** What acts on a terminal in place of being read: what an app prints is told on, so it goes. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /\u001B\[[\d;?]*[A-Za-z]|\p{Cc}/gu;
const QUOTE_CHARS = 160;

/** What programs say when something of their host is missing. In order of weight; of one kind the newest line counts. */
const CLUES: readonly Clue[] = [
  {
    // Of the program that holds containers, in the engine's words.
    pattern: /^the container could not be run: .+$/,
    withinLines: 3,
    reason: ({ input }) => ({ code: "container_failed", message: input.trim() }),
  },
  {
    // The same program.
    pattern: /^the image \S+ could not be pulled: .+$/,
    withinLines: 3,
    reason: ({ input }) => ({
      code: "image_unavailable",
      message: input.trim(),
      hint: "See to the image's name and tag, and whether the node reaches its registry. A private one needs registry: in container.yaml.",
    }),
  },
  {
    pattern:
      /torch\.(?:cuda\.)?OutOfMemoryError|(?:CUDA|HIP) out of memory|CUDA error: out of memory|CUBLAS_STATUS_ALLOC_FAILED|cudaErrorMemoryAllocation|cudaMalloc failed: out of memory/,
    withinLines: 20,
    reason: ({ input }) => ({
      code: "gpu_out_of_memory",
      message: `the GPU's memory ran out${gpuFigures(input)}`,
      hint: "Use a smaller model or batch, end what else runs on that GPU, or give it another one.",
    }),
  },
  {
    pattern:
      /\bMemoryError\b|std::bad_alloc|JavaScript heap out of memory|DefaultCPUAllocator: can't allocate memory|Cannot allocate memory|\bENOMEM\b/,
    withinLines: 20,
    reason: ({ input }) => ({ code: "out_of_memory", message: `it ran out of memory: ${quoted(input)}` }),
  },
  {
    pattern: /No space left on device|\bENOSPC\b|Disk quota exceeded|\bEDQUOT\b/,
    withinLines: 20,
    reason: () => ({
      code: "disk_full",
      message: "the node's disk is full",
      hint: "Delete what is not needed there: models, outputs, the trash, other instances. Then start it again.",
    }),
  },
  {
    pattern: /\bEADDRINUSE\b|[Aa]ddress (?:is )?already in use|\bport (\d+) is (?:already )?in use/i,
    withinLines: 10,
    reason: ({ input }) => {
      const port = /(?:\bport |:|', )(\d{2,5})\b/i.exec(input.replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.,]+/g, ""))?.[1];
      return {
        code: "port_in_use",
        message: `it wanted a port that is in use${port === undefined ? "" : `: ${port}`}`,
        hint: "If it has a fixed port of its own, only one of it can run on a node; else start it again.",
      };
    },
  },
  {
    pattern:
      /No CUDA GPUs are available|Found no NVIDIA driver|no CUDA-capable device|NVIDIA driver .*(?:too old|insufficient)|CUDA driver version is insufficient|Unable to determine the device handle|GPU is lost|No HIP GPUs are available/,
    withinLines: 20,
    reason: ({ input }) => ({
      code: "gpu_missing",
      message: `it found no GPU it can use: ${quoted(input)}`,
      hint: "See on the node's page whether its GPU is there, and whether this instance is given one that exists.",
    }),
  },
  {
    pattern: /ModuleNotFoundError: No module named ['"]([^'"]+)['"]|Cannot find (?:module|package) ['"]([^'"]+)['"]/,
    withinLines: 5,
    reason: ([, python, node]) => ({
      code: "module_missing",
      message: `it misses the module ${JSON.stringify(python ?? node)}`,
      hint: "Its installation is not whole: rebuild its environment, or install what is missing in its terminal.",
    }),
  },
  {
    pattern:
      /Could not resolve host|Temporary failure in name resolution|Name or service not known|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|Network is unreachable|\bENETUNREACH\b/,
    withinLines: 5,
    reason: ({ input }) => ({
      code: "no_network",
      message: `the node could not reach the network: ${quoted(input)}`,
      hint: "See whether the node reaches the internet, then start it again.",
    }),
  },
];

/** What the last lines of this launch give away of an app that its script outlived. */
export function clueIn(lastLines: string[]): KnownReason | undefined {
  const lines = wordsOf(lastLines).toReversed();
  for (const { pattern, withinLines, reason } of CLUES) {
    for (const line of lines.slice(0, withinLines)) {
      const match = pattern.exec(line);
      if (match) return reason(match);
    }
  }
  return undefined;
}

/** What shells and process pools say of a program of theirs that was killed. */
export function saysKilled(lastLines: string[]): boolean {
  return wordsOf(lastLines).some((line) => /\bKilled\b|\bSIGKILL\b|signal 9\b|exit ?code:? -9\b/.test(line));
}

/** The lines of the last launch, as plain text. */
export function wordsOf(lastLines: string[]): string[] {
  const begin = lastLines.findLastIndex((line) => LAUNCH_TITLE.test(line));
  return lastLines.slice(begin + 1).map((line) => line.replaceAll(CONTROLS, ""));
}

/** "it wanted 2.00 GiB more, and the card has 7.79 GiB", from PyTorch's message as far as it says so. */
function gpuFigures(line: string): string {
  const wanted = /[Tt]ried to allocate ([\d.]+ [KMG]iB)/.exec(line)?.[1];
  const capacity = /total capacity (?:of )?([\d.]+ [KMG]iB)/.exec(line)?.[1];
  if (wanted === undefined) return "";
  return `: it wanted ${wanted} more${capacity === undefined ? "" : `, and the card has ${capacity}`}`;
}

function quoted(line: string): string {
  const text = line.trim();
  return text.length > QUOTE_CHARS ? `${text.slice(0, QUOTE_CHARS)}…` : text;
}
