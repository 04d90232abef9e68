/** Variables of an instance: as rows of a form and back, which row an error is about, and what a change says. */
import { describe, expect, it } from "vitest";
import { ApiError } from "../../dashboard/src/api/errors.ts";
import {
  blankRow,
  rowsOf,
  variableErrors,
  type VariableRow,
  variablesOf,
} from "../../dashboard/src/instances/variable-rows.ts";
import { variableChanges } from "../../dashboard/src/instances/variable-words.ts";

const HOME = { name: "HF_HOME", value: "/models" };
const TOKEN = { name: "HF_TOKEN", secret: "hf" };

/** A row as a person has filled it in. */
function row(id: number, part: Partial<VariableRow>): VariableRow {
  return { ...blankRow([]), id, ...part };
}

describe("rows", () => {
  it("are the same variables again", () => {
    const variables = [HOME, TOKEN, { name: "EMPTY", value: "" }];
    expect(variablesOf(rowsOf(variables))).toEqual(variables);
  });

  it("with nothing in them are none, and what else is wrong is sent for the API to say", () => {
    const rows = [
      row(0, { name: "  " }),
      row(1, { kind: "secret", value: "typed before" }),
      row(2, { value: " 1 " }),
      row(3, { name: " A " }),
      row(4, { name: "B", kind: "secret" }),
    ];
    expect(variablesOf(rows)).toEqual([{ name: "", value: " 1 " }, { name: "A", value: "" }, { name: "B" }]);
  });

  it("are told apart though one was removed", () => {
    const [first, second] = rowsOf([HOME, TOKEN]);
    expect(blankRow([first!, second!]).id).toBe(2);
    expect(blankRow([second!]).id).toBe(2);
    expect(blankRow([]).id).toBe(0);
  });
});

describe("an error of the API", () => {
  const errorAt = (...path: string[]) =>
    new ApiError(400, "invalid_input", "env: bad.", undefined, [{ path: ["env", ...path], message: "bad" }]);
  const rows = [row(7, {}), row(8, { name: "A" }), row(9, { kind: "secret", secret: "gone", name: "B" })];

  it.each([
    [errorAt("0", "name"), 8, { name: "bad" }],
    [errorAt("1"), 9, { name: "bad" }],
    [errorAt("1", "secret"), 9, { content: "bad" }],
    [errorAt("1", "value"), 9, { content: "bad" }],
  ])("stands at the row that it is about", (error, id, expected) => {
    const { all, byRow } = variableErrors(rows, error);
    const found = [...byRow].filter(([, { name, content }]) => (name ?? content) !== undefined);
    expect([all, found]).toEqual([undefined, [[id, expected]]]);
  });

  it("about all of them stands at none", () => {
    const { all, byRow } = variableErrors(rows, errorAt());
    expect(all).toBe("bad");
    expect([...byRow.values()].every(({ name, content }) => name === undefined && content === undefined)).toBe(true);
  });

  it("of another kind says nothing here", () => {
    expect(variableErrors(rows, new Error("no network")).all).toBeUndefined();
  });
});

describe("a change", () => {
  const words = (...lists: Parameters<typeof variableChanges>): string[] =>
    variableChanges(...lists).map(({ name, before, after }) => `${name}: ${before} → ${after}`);

  it("is told of each variable that differs, and of no other", () => {
    expect(words([HOME, TOKEN], [HOME, TOKEN])).toEqual([]);
    expect(words([HOME, TOKEN], [TOKEN, { name: "DEBUG", value: "" }])).toEqual([
      "DEBUG: not set → empty",
      "HF_HOME: /models → not set",
    ]);
    expect(words([HOME], [{ name: "HF_HOME", secret: "home" }])).toEqual(["HF_HOME: /models → secret home"]);
    expect(words([TOKEN], [{ name: "HF_TOKEN" }])).toEqual(["HF_TOKEN: secret hf → no secret yet"]);
  });

  it("of a name twice, or of none, is told as well", () => {
    expect(words([HOME], [HOME, HOME, { name: "", value: "1" }])).toEqual([
      "HF_HOME: not set → /models",
      "(no name): not set → 1",
    ]);
  });

  it("of a long value is its beginning in one line, and its length", () => {
    const long = `first\n${"🚂".repeat(100)}`;
    expect(words([], [{ name: "A", value: long }])).toEqual([
      `A: not set → first ${"🚂".repeat(34)}… (106 characters)`,
    ]);
    expect(words([{ name: "A", value: `${long}x` }], [{ name: "A", value: `${long}y` }])).toHaveLength(1);
  });
});
