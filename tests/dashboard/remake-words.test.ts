/** What the dialogs of update and reset say will happen. */
import { expect, it } from "vitest";
import { remakeWords } from "../../dashboard/src/instances/remake-words.ts";

const OF_SCRIPTS = /script|launch_args|parameters\.txt|requirements|wheels/;

it("speaks of the image and the folders of a container, and not of scripts", () => {
  for (const verb of ["update", "reset"] as const) {
    const { what } = remakeWords(verb, "container");
    expect(what).not.toMatch(OF_SCRIPTS);
    expect(what).toMatch(/image/);
    expect(what).toMatch(/container\.yaml/);
  }
  expect(remakeWords("update", "container").what).toContain("pulled anew");
});

it("speaks of launch scripts and their files otherwise", () => {
  for (const verb of ["update", "reset"] as const) {
    const { what, ...names } = remakeWords(verb, "bash");
    expect(what).toMatch(OF_SCRIPTS);
    expect(what).not.toMatch(/image|container/);
    expect(remakeWords(verb, "container")).toMatchObject(names);
  }
});
