/** The conformance suite of the protocol's authors, against the control plane as it is: what applies to it, and what cannot. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "./house.ts";
import { countOf, runSuite } from "./mcp/conformance.ts";

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
beforeAll(async () => {
  house = await openHouse();
});
afterAll(async () => {
  await house?.close();
});

test("it passes every scenario that applies, and every message it sends is valid in all of them", async () => {
  const headers = { authorization: `Bearer ${house.adminKey}` };
  const found = await runSuite({ url: `http://localhost:${house.port}/mcp`, headers });
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
  const mine = APPLICABLE.flatMap((scenario) => found.get(scenario) ?? []);
  process.stdout.write(
    `  measured: conformance: ${APPLICABLE.length} of ${found.size} scenarios apply: ${countOf("SUCCESS", mine)} checks passed, ` +
      `${countOf("FAILURE", mine)} cannot apply; the whole suite: ${countOf("SUCCESS", all)} passed, ${countOf("FAILURE", all)} failed\n`,
  );
});
