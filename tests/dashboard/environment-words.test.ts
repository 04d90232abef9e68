/** What a node can make environments with, as its page says it. */
import { expect, it } from "vitest";
import { environmentRows } from "../../dashboard/src/nodes/environment-words.ts";

const PYTHON = { version: "3.11.2", path: "/usr/bin/python3", venv: true };

it("names pythons and tools", () => {
  const tools = [
    { name: "uv" as const, path: "/usr/bin/uv", version: "0.11.23" },
    { name: "conda" as const, path: "/opt/conda/bin/conda", version: null },
  ];
  const pythons = [PYTHON, { version: "3.13.0", path: "/opt/python3.13", venv: false }];
  expect(environmentRows({ environments: { tools, pythons } })).toEqual([
    ["Python", "3.11.2, 3.13.0 (without venv)"],
    ["Environments", "made with uv 0.11.23, conda, venv"],
  ]);
});

it("says what to install where none can be made, and nothing for an agent that does not tell", () => {
  const bare = { tools: [], pythons: [{ ...PYTHON, venv: false }] };
  expect(environmentRows({ environments: bare })[1]?.[1]).toMatch(/^none can be made: install uv/);
  expect(environmentRows({ environments: { tools: [], pythons: [] } })[0]?.[1]).toBe("none that apps can use");
  expect(environmentRows({})).toEqual([]);
});
