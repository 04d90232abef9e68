/** The monthly bill in docs/cost.md is the one that the code and the prices give. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { billOf, costTables } from "../../scripts/cost.ts";

const nothing = {
  workerRequests: 0,
  workerCpuMs: 0,
  objectRequests: 0,
  objectGbSeconds: 0,
  objectRowsWritten: 0,
  databaseRowsWritten: 0,
};

describe("the bill", () => {
  it("is the plan's price while everything is included", () => {
    expect(billOf({ ...nothing, workerRequests: 10e6 }, 1)).toBe(5);
  });

  it("counts each million that is begun, as the examples on Cloudflare's pricing page do", () => {
    // Example 4 there: 100 objects, 21.61 million requests and 552,960 GB-s come to $20.65.
    const each = { ...nothing, objectRequests: 216_100, objectGbSeconds: 5_529.6 };
    expect(billOf(each, 100)).toBeCloseTo(20.65);
  });

  it("stands in docs/cost.md as `node scripts/cost.ts` writes it", () => {
    const document = readFileSync(join(import.meta.dirname, "../../docs/cost.md"), "utf8");
    expect(document).toContain(costTables());
  });
});
