/** The pane's own rules: which place shows what, how large, which frames stay, and what is told of a node's hour. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Stats } from "@roundhouse/protocol/facts";
import { describe, expect, it, vi } from "vitest";
import { type Frame, isOf, touched, withFrame, withoutFrame } from "../../dashboard/src/app-view/frames.ts";
import { nextShare } from "../../dashboard/src/parts/share.ts";
import { chartInWords, hourCharts } from "../../dashboard/src/stats/charts.ts";
import { stallsOf } from "../../dashboard/src/welcome/stalls.ts";

vi.stubGlobal("location", { search: "" });
vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined }));
const { afterChoice } = await import("../../dashboard/src/instances/arrangement.ts");
const { nextZoom, zoomAfterKey } = await import("../../dashboard/src/instances/zoom.ts");

describe("the two places", () => {
  it("change their contents when one is to show what the other shows", () => {
    const tabs = { first: "log", second: "terminal" };
    expect(afterChoice(tabs, "first", "terminal")).toEqual({ first: "terminal", second: "log" });
    expect(afterChoice(tabs, "second", "files")).toEqual({ first: "log", second: "files" });
  });

  it("are moved apart by the arrow keys of their own direction only", () => {
    expect([nextShare("ArrowUp", "rows", 40), nextShare("ArrowLeft", "columns", 40)]).toEqual([44, 44]);
    expect([nextShare("ArrowUp", "columns", 40), nextShare("x", "rows", 40)]).toEqual([undefined, undefined]);
  });
});

describe("the zoom", () => {
  it("goes in steps and stays within 50 and 200 percent", () => {
    expect([nextZoom(100, 1), nextZoom(100, -1), nextZoom(200, 1), nextZoom(50, -1)]).toEqual([110, 90, 200, 50]);
  });

  it("takes the browser's keys, and no others", () => {
    const key = (name: string, ctrlKey = true) => ({ key: name, ctrlKey }) as KeyboardEvent;
    expect(["+", "=", "-", "0", "c"].map((name) => zoomAfterKey(key(name), 110))).toEqual([
      125,
      125,
      100,
      100,
      undefined,
    ]);
    expect(zoomAfterKey(key("+", false), 110)).toBeUndefined();
  });
});

describe("the frames of apps", () => {
  const three = ["a", "b", "c"].reduce<Frame[]>((frames, id) => withFrame(frames, id, `http://${id}/`), []);

  it("are dropped when they were not shown for longest, and never change their order", () => {
    const after = withFrame(touched(three, "a"), "d", "http://d/");
    expect(after.map(({ instanceId }) => instanceId)).toEqual(["a", "c", "d"]);
  });

  it("are others after a load, and stay the same objects when nothing changed", () => {
    const [moved] = withFrame([], "in_1", "http://old.apps.localhost/");
    expect(moved && [isOf(moved, { id: "in_1", slug: "old" }), isOf(moved, { id: "in_1", slug: "new" })]).toEqual([
      true,
      false,
    ]);
    expect(withFrame(three, "b", "http://b/2").find(({ instanceId }) => instanceId === "b")).toMatchObject({ load: 2 });
    expect(touched(three, "c")).toBe(three);
    expect(withoutFrame(three, "b").map(({ instanceId }) => instanceId)).toEqual(["a", "c"]);
  });
});

describe("the hour of a node", () => {
  const node = { facts: { disk: { totalBytes: 1000 }, memoryTotalBytes: 100 }, gpus: [] } as unknown as Node;
  const samples = [10, 30, 20].map((cpuPercent, index): Stats => ({
    at: new Date(Date.UTC(2026, 0, 1, 12, index)).toISOString(),
    ...{ cpuPercent, memoryUsedBytes: 50, diskFreeBytes: 400, gpus: [] },
  }));

  it("has a chart for each thing that was measured, with its words", () => {
    const { charts, times } = hourCharts(node, samples, 12);
    expect(charts.map(({ title }) => title)).toEqual(["Processor", "Memory", "Disk"]);
    expect(times).toHaveLength(12);
    expect(charts.map(chartInWords)[0]).toBe("20 % now; between 10 % and 30 %, 20 % on average");
  });

  it("has none while nothing was measured", () => {
    expect(hourCharts(node, [], 12).charts).toEqual([]);
  });
});

describe("the roundhouse", () => {
  it("has a stall for each node, the first straight ahead, lit by what runs there", () => {
    const nodes = ["n1", "n2", "n3"].map((id) => ({ id, name: id, status: "online" })) as Node[];
    const stalls = stallsOf(nodes, [{ node: "n1", status: "started" } as never]);
    expect(stalls.flatMap(({ node }) => node?.name ?? []).toSorted()).toEqual(["n1", "n2", "n3"]);
    expect(stalls.find(({ node }) => node?.name === "n1")).toMatchObject({ heading: 0, node: { running: 1 } });
  });
});
