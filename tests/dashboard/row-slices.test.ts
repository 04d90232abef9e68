/** Rows of the table that become whole, a few at a time. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RowSlices } from "../../dashboard/src/instances/row-slices.ts";
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});
function rows(count: number, near = false) {
  const told: [number, boolean][] = [];
  const slices = new RowSlices<number>();
  for (let i = 0; i < count; i++) slices.add(i, near, (now) => told.push([i, now]));
  return { told, slices };
}
test("the nearest rows become whole at once, the others in later tasks", () => {
  const { told, slices } = rows(100);
  for (let i = 0; i < 100; i++) slices.want(i, true, Math.abs(50 - i));
  slices.begin();
  expect(told.length).toBe(16);
  expect(told.every(([row]) => Math.abs(50 - row) <= 8)).toBe(true);
  vi.advanceTimersToNextTimer();
  expect(told.length).toBe(32);
  vi.runAllTimers();
  expect(new Set(told.map(([row]) => row)).size).toBe(100);
});
test("rows that went out of sight wait for those that came", () => {
  const told: [string, boolean][] = [];
  const slices = new RowSlices<string>();
  slices.add("left", true, (now) => told.push(["left", now]));
  slices.add("came", false, (now) => told.push(["came", now]));
  slices.want("left", false, 0);
  slices.want("came", true, 900);
  slices.begin();
  vi.runAllTimers();
  expect(told).toEqual([
    ["came", true],
    ["left", false],
  ]);
});
test("a row that is back before its turn is not told", () => {
  const { told, slices } = rows(40);
  for (let i = 0; i < 40; i++) slices.want(i, true, i);
  slices.begin();
  slices.want(39, false, 39);
  slices.remove(38);
  vi.runAllTimers();
  expect(told.length).toBe(38);
});
test("rows that are as wanted cost no slice", () => {
  const { told, slices } = rows(500);
  for (let i = 0; i < 500; i++) slices.want(i, false, i);
  slices.begin();
  expect(vi.getTimerCount()).toBe(0);
  expect(told).toEqual([]);
});
