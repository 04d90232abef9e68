/** Families in an order of the person's own. */
import { expect, it } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { groupFamilies, moveBy, moveTo, orderFamilies } from "../../dashboard/src/instances/families.ts";

const row = (id: string, parent: string | null = null) => ({ id, parent }) as Instance;
const families = groupFamilies([row("a"), row("a1", "a"), row("a2", "a"), row("b"), row("x1", "x")]);

it("groups satellites with their root, and lets one without its root stand alone", () => {
  expect(families.map(({ id, members }) => [id, members.length])).toEqual([
    ["a", 3],
    ["b", 1],
    ["x1", 1],
  ]);
});

it("puts those that the order does not know last", () => {
  expect(orderFamilies(families, ["x1", "gone", "a"]).map(({ id }) => id)).toEqual(["x1", "a", "b"]);
});

it("moves a family to another one's place, up and down, and stays at the ends", () => {
  expect(moveTo(["a", "b", "c"], "a", "c")).toEqual(["b", "c", "a"]);
  expect(moveTo(["a", "b", "c"], "c", "a")).toEqual(["c", "a", "b"]);
  expect(moveBy(["a", "b", "c"], "b", -1)).toEqual(["b", "a", "c"]);
  expect(moveBy(["a", "b", "c"], "c", 1)).toEqual(["a", "b", "c"]);
});
