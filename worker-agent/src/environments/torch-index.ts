/** Where PyTorch's wheels come from, and which there are: an index whose folders are named by CUDA (`…/cu130`). */
import * as z from "zod";
import { LaunchError } from "../blueprints/runtime.ts";

const PYTORCH = "https://download.pytorch.org/whl";
/** A node's own mirror. It goes into a file that the shell runs. */
const Index = z.string().regex(/^https?:\/\/[\w.:@%/+~-]+$/);

const LIMIT_MS = 15_000;
const MAX_PAGE_CHARS = 64 * 1024 * 1024;

export type TorchVersion = { version: string; cuda: string[] };

/** What `PYTORCH_INDEX` says, else PyTorch's own, without a slash at its end. Throws `LaunchError` for what is no address. */
export function torchIndex(env: Record<string, string | undefined> = process.env): string {
  const index = Index.safeParse(env["PYTORCH_INDEX"] || PYTORCH);
  if (index.success) return index.data.replace(/\/+$/, "");
  throw new LaunchError(
    "launch_failed",
    `PYTORCH_INDEX is ${JSON.stringify(env["PYTORCH_INDEX"])}, which is no address of an index.`,
    "Write it like https://mirror.example/whl, and start the worker agent again.",
  );
}

/** The folder of the wheels for a CUDA version. */
export function torchIndexFor(cuda: string): string {
  return `${torchIndex()}/cu${cuda.replaceAll(".", "")}`;
}

/** Every version of torch in the index. Rejects when it cannot be read within 15 s. */
export async function fetchTorchVersions(index: string): Promise<TorchVersion[]> {
  const url = new URL(`${index}/torch/`);
  const { username, password } = url;
  url.username = url.password = "";
  const headers = new Headers({ accept: "text/html" });
  // fetch refuses addresses with a password in them.
  if (username)
    headers.set("authorization", `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`);
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(LIMIT_MS) });
  if (!response.ok || !response.body) throw new Error(`the index answers ${response.status}`);
  return parseTorchVersions(await readText(response.body));
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of body) {
    text += decoder.decode(part, { stream: true });
    if (text.length > MAX_PAGE_CHARS) throw new Error("the index has no end");
  }
  return text;
}

/** A page of links to wheels (PEP 503): `torch-2.10.0%2Bcu130-cp312-cp312-….whl`. Those of CUDA count, the newest first. */
export function parseTorchVersions(page: string): TorchVersion[] {
  const found = new Map<string, Set<string>>();
  for (const [, version, cuda] of page.matchAll(/\btorch-(\d+\.\d+\.\d+)(?:\+|%2B)cu(\d+)(?=-cp3)/gi)) {
    if (version === undefined || cuda === undefined) continue;
    const all = found.get(version) ?? new Set();
    found.set(version, all.add(`${cuda.slice(0, -1)}.${cuda.slice(-1)}`));
  }
  return [...found]
    .map(([version, cuda]) => ({ version, cuda: [...cuda].toSorted(newestFirst) }))
    .toSorted((a, b) => newestFirst(a.version, b.version));
}

/** For `toSorted`: versions of numbers between dots. */
export function newestFirst(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let at = 0; at < Math.max(left?.length ?? 0, right?.length ?? 0); at += 1) {
    const difference = (right?.[at] ?? 0) - (left?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
