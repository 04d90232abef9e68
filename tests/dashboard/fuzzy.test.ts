/** The palette's matching. */
import { expect, it } from "vitest";
import { fuzzyScore, rank } from "../../dashboard/src/palette/fuzzy.ts";

const best = (query: string, ...texts: string[]) => rank(texts, query, (text) => text);

it("wants every letter of each word, in order", () => {
  expect(fuzzyScore("cfy", "comfy")).toBeDefined();
  expect(fuzzyScore("yfc", "comfy")).toBeUndefined();
  expect(best("start comfy", "Stop comfy", "Start comfy", "Start forge")).toEqual(["Start comfy"]);
});

it("prefers beginnings of words and letters that stand together", () => {
  expect(best("sc", "Discard", "Start comfy")[0]).toBe("Start comfy");
  expect(best("forge", "fan of large engines", "sd-forge")[0]).toBe("sd-forge");
});

it("leaves everything as it was for an empty query", () => {
  expect(best(" ", "longer text", "b", "a")).toEqual(["longer text", "b", "a"]);
});
