/** Which instances the table shows, and in which order. */
import { describe, expect, it } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { countGroups, filterInstances, sortInstances } from "../../dashboard/src/instances/rows.ts";

function instance(id: string, change: Partial<Instance> = {}): Instance {
  const base = { id, name: id, slug: id, blueprint: "hello", node: "n1", parent: null, status: "started" };
  return {
    ...base,
    desired: "running",
    port: null,
    diskBytes: null,
    createdAt: `2026-01-01T00:00:0${id}Z`,
    ...change,
  } as Instance;
}
const nodes = new Map([["n1", { id: "n1", name: "Cellar" } as Node]]);
const ids = (rows: Instance[]): string => rows.map((row) => row.id).join("");

describe("the filter", () => {
  const rows = [instance("1", { name: "Comfy" }), instance("2", { status: "error" }), instance("3", { port: 19001 })];

  it("wants every word somewhere in the row", () => {
    expect(ids(filterInstances(rows, nodes, "cellar comfy", "all"))).toBe("1");
    expect(ids(filterInstances(rows, nodes, "19001", "all"))).toBe("3");
    expect(ids(filterInstances(rows, nodes, "  ", "all"))).toBe("123");
  });

  it("narrows to a group, and counts the groups", () => {
    expect(ids(filterInstances(rows, nodes, "", "problem"))).toBe("2");
    expect(countGroups(rows)).toEqual({ all: 3, running: 2, busy: 0, stopped: 0, problem: 1 });
  });

  it("counts one that is being deleted as busy", () => {
    expect(countGroups([instance("1", { desired: "deleted" })]).busy).toBe(1);
  });
});

describe("the order", () => {
  it("puts trouble first when sorted by status", () => {
    const rows = [instance("1"), instance("2", { status: "stopped" }), instance("3", { status: "error" })];
    expect(ids(sortInstances(rows, nodes, { key: "status", descending: false }))).toBe("312");
    expect(ids(sortInstances(rows, nodes, { key: "status", descending: true }))).toBe("213");
  });

  it("keeps satellites below their root, and shows one whose root is filtered out", () => {
    const rows = [instance("1"), instance("2"), instance("3", { parent: "1" }), instance("4", { parent: "9" })];
    expect(ids(sortInstances(rows, nodes, { key: "created", descending: false }))).toBe("1324");
  });
});
