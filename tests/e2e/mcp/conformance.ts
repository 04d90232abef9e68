/** The conformance suite of the protocol's authors, run as the program that it is, and what it found. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeaderProxy } from "../header-proxy.ts";

export type Status = "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
export type Check = { id: string; status: Status; errorMessage?: string };
/** `specVersion` leaves only the scenarios of that version of the protocol, and asks in it. */
export type Run = { url: string; specVersion?: string; headers?: Record<string, string> };

const PROGRAM = join(
  import.meta.dirname,
  "../../programs/node_modules/@modelcontextprotocol/conformance/dist/index.js",
);

/** Asks the server all that applies to servers. The checks by scenario, in the order in which the suite made them. */
export async function runSuite({ url, specVersion, headers }: Run): Promise<Map<string, Check[]>> {
  const folder = await mkdtemp(join(tmpdir(), "roundhouse-conformance-"));
  const { origin, pathname } = new URL(url);
  // The suite cannot send headers of a caller.
  const proxy = headers && (await HeaderProxy.open(origin, headers));
  try {
    const version = specVersion === undefined ? [] : ["--spec-version", specVersion];
    const asked = proxy ? `${proxy.origin}${pathname}` : url;
    const said = await runProgram(["server", "--url", asked, "--suite", "all", ...version, "-o", folder]);
    const found = await readChecks(folder);
    if (found.size === 0) throw new Error(`the suite ran no scenario:\n${said.slice(-2_000)}`);
    return found;
  } finally {
    proxy?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** It ends with 1 wherever a check failed; what counts is in its files. */
function runProgram(args: readonly string[]): Promise<string> {
  return new Promise((done) => {
    execFile(process.execPath, [PROGRAM, ...args], { maxBuffer: 64 * 1024 * 1024 }, (_error, out, err) =>
      done(out + err),
    );
  });
}

async function readChecks(folder: string): Promise<Map<string, Check[]>> {
  const found = new Map<string, Check[]>();
  for (const name of await readdir(folder)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1];
    if (scenario === undefined) continue;
    found.set(scenario, JSON.parse(await readFile(join(folder, name, "checks.json"), "utf8")) as Check[]);
  }
  return found;
}

export function countOf(status: Status, checks: readonly Check[]): number {
  return checks.filter((check) => check.status === status).length;
}
