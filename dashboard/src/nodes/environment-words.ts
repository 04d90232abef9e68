/** What a node can make Python environments with, in plain words. */
import type { Facts } from "@roundhouse/protocol/facts";
import type { FactRow } from "./hosting-words.ts";

/** An agent that does not tell has no row. */
export function environmentRows({ environments }: Pick<Facts, "environments">): FactRow[] {
  if (environments === undefined) return [];
  const pythons = environments.pythons.map(({ version, venv }) => (venv ? version : `${version} (without venv)`));
  const tools = environments.tools.map(({ name, version }) => (version === null ? name : `${name} ${version}`));
  return [
    ["Python", pythons.join(", ") || "none that apps can use"],
    [
      "Environments",
      waysOf(
        tools,
        environments.pythons.some(({ venv }) => venv),
      ),
    ],
  ];
}

function waysOf(tools: readonly string[], hasVenv: boolean): string {
  const ways = [...tools, ...(hasVenv ? ["venv"] : [])];
  if (ways.length === 0) return "none can be made: install uv, or python3 with venv, on this machine";
  return `made with ${ways.join(", ")}`;
}
