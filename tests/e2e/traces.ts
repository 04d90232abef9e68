/** What a house and its engine have about them at one moment: the same before and after many rounds, or something was left. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Engine } from "./docker.ts";
import type { House } from "./house.ts";

export type Traces = { engine: string[]; rules: string[]; mounts: number; processes: string[]; files: string[] };

export async function tracesOf(house: House, engine: Engine): Promise<Traces> {
  const rules = execFileSync("iptables-save", { encoding: "utf8" }).split("\n");
  const ofEngine = ` ${dirname(engine.socketPath)}/`;
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return {
    // Each launch has a name of its own, and an address.
    engine: (await engine.leftovers()).map((name) => name.replace(/-\d+$/, "")),
    rules: rules.filter((rule) => rule.startsWith("-A")).map((rule) => rule.replaceAll(/\d+(\.\d+){3}/g, "address")),
    mounts: mounts.filter((line) => line.includes(ofEngine)).length,
    processes: house
      .processes()
      .map(({ command }) => command.replaceAll(/\d+/g, "n"))
      .toSorted(),
    files: readdirSync(house.nodeData, { recursive: true, encoding: "utf8" })
      .map((path) => path.replace(/-\d+\.sock$/, ".sock"))
      .toSorted(),
  };
}
