/** The conformance suite of the protocol's authors, against the control plane as it is: what applies to it, and what cannot. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BearerProxy } from "./bearer-proxy.ts";
import { type House, openHouse } from "./house.ts";

type Check = { id: string; status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO"; errorMessage?: string };

const root = join(import.meta.dirname, "../..");

/** All other scenarios call tools, prompts, resources or tasks of a server that was made for the suite. */
const APPLICABLE = [
  "server-initialize",
  "server-session-lifecycle",
  "server-stateless",
  "ping",
  "tools-list",
  "dns-rebinding-protection",
  "caching",
  "http-header-validation",
  "sep-2164-resource-not-found",
  "input-required-result-unsupported-methods",
];

/** Checks in them that want a tool made for the suite, or lists that a server of tools alone does not have. */
const CANNOT = [
  "sep-2575-server-rejects-undeclared-capability",
  "sep-2575-missing-capability-http-400",
  "sep-2575-http-server-no-independent-requests-on-stream",
  "sep-2575-server-no-log-without-loglevel",
  "sep-2549-prompts-list-caching-hints",
  "sep-2549-resources-list-caching-hints",
  "sep-2549-resources-templates-list-caching-hints",
];

let house: House;
let proxy: BearerProxy;
let folder: string;
beforeAll(async () => {
  house = await openHouse();
  // The suite cannot send a key.
  proxy = await BearerProxy.open(house.port, house.adminKey);
  folder = await mkdtemp(join(tmpdir(), "roundhouse-conformance-"));
});
afterAll(async () => {
  proxy?.close();
  await house?.close();
  await rm(folder, { recursive: true, force: true });
});

/** By scenario. */
async function runSuite(): Promise<Map<string, Check[]>> {
  const program = join(root, "tests/programs/node_modules/@modelcontextprotocol/conformance/dist/index.js");
  const args = [program, "server", "--url", `${proxy.url}/mcp`, "--suite", "all", "-o", folder];
  // It ends with 1 because of what does not apply; what counts is in its files.
  await new Promise((done) => execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, done));
  const found = new Map<string, Check[]>();
  for (const name of await readdir(folder)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1];
    const text = await readFile(join(folder, name, "checks.json"), "utf8");
    if (scenario !== undefined) found.set(scenario, JSON.parse(text) as Check[]);
  }
  return found;
}

test("it passes every scenario that applies, and every message it sends is valid in all of them", async () => {
  const found = await runSuite();
  const failed: string[] = [];
  for (const scenario of APPLICABLE) {
    const checks = found.get(scenario) ?? [];
    expect(checks, scenario).not.toEqual([]);
    failed.push(...checks.filter(({ status }) => status === "FAILURE").map(({ id }) => id));
  }
  expect(failed.toSorted()).toEqual(CANNOT.toSorted());
  const all = [...found.values()].flat();
  const messages = all.filter(({ id }) => id === "wire-schema-valid");
  expect(messages.length).toBeGreaterThan(50);
  expect(messages.filter(({ status }) => status !== "SUCCESS")).toEqual([]);
  const count = (status: string, checks: Check[]) => checks.filter((check) => check.status === status).length;
  const mine = APPLICABLE.flatMap((scenario) => found.get(scenario) ?? []);
  process.stdout.write(
    `  measured: conformance: ${APPLICABLE.length} of ${found.size} scenarios apply: ${count("SUCCESS", mine)} checks passed, ` +
      `${count("FAILURE", mine)} cannot apply; the whole suite: ${count("SUCCESS", all)} passed, ${count("FAILURE", all)} failed\n`,
  );
});
