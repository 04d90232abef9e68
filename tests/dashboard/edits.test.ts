/** Unsaved edits of the table. */
import { expect, it } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { needsRestart } from "@roundhouse/protocol/changes";
import {
  changeOf,
  type Edits,
  isContested,
  lockOf,
  settle,
  shownValue,
  withChange,
  withEdit,
  withErrors,
} from "../../dashboard/src/instances/edits.ts";

const comfy = { id: "1", name: "comfy", parent: null, desired: "running", gpuIds: ["0"], port: 19001 } as Instance;
const none: Edits = new Map();

it("gathers what differs into one change, and forgets what was taken back", () => {
  const renamed = withEdit(none, comfy, "name", "comfy-2");
  const both = withEdit(renamed, comfy, "gpuIds", ["1"]);
  expect(changeOf(both.get("1") ?? {})).toEqual({ name: "comfy-2", gpuIds: ["1"] });
  expect(withEdit(withEdit(both, comfy, "name", "comfy"), comfy, "gpuIds", ["0"]).size).toBe(0);
});

it("keeps an edit over a live update, and says when somebody else changed the same field", () => {
  const row = withEdit(none, comfy, "name", "mine").get("1");
  const elsewhere = { ...comfy, port: 19002 };
  expect(shownValue(elsewhere, row, "name")).toBe("mine");
  expect(isContested(elsewhere, row, "name")).toBe(false);
  expect(isContested({ ...comfy, name: "theirs" }, row, "name")).toBe(true);
});

it("drops what came true, and the edits of an instance that is gone", () => {
  const edits = withEdit(none, comfy, "name", "mine");
  expect(settle(edits, [comfy])).toBe(edits);
  expect(settle(edits, [{ ...comfy, name: "mine" }]).size).toBe(0);
  expect(settle(edits, []).size).toBe(0);
});

it("puts an error at its field until the field is edited again", () => {
  const failed = withErrors(withChange({}, comfy, "port", 19003), { port: "taken", name: "not edited" });
  expect(failed).toEqual({ port: { base: 19001, value: 19003, error: "taken" } });
  expect(withChange(failed, comfy, "port", 19004).port?.error).toBeUndefined();
});

it("locks what a satellite shares with its parent", () => {
  const satellite = { ...comfy, parent: "9" };
  expect(lockOf(satellite, "outputPath")).toMatch(/parent/);
  expect(lockOf(satellite, "gpuIds")).toBeUndefined();
});

it("knows which changes an app reads only at its launch", () => {
  expect(needsRestart(comfy, { gpuIds: ["1"] })).toBe(true);
  expect(needsRestart(comfy, { gpuIds: ["0"] })).toBe(false);
  expect(needsRestart(comfy, { name: "other", autostart: true })).toBe(false);
});
