/** What the storm does: kills of every kind of process, and wishes that people change meanwhile. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { House } from "../e2e/house.ts";
import { killHard, listeningOf, type Process, treeOf } from "../e2e/processes.ts";
import { until } from "../e2e/until.ts";
import type { Random } from "./random.ts";

/** What somebody last asked of an instance, and was told is accepted. */
export type Wishes = Map<string, "running" | "stopped">;

type Deed = { name: string; weight: number; act: () => Promise<string | undefined> };

const ACCEPT_LIMIT_MS = 60_000;

/** One random deed. Answers what was done, for the log. */
export async function strike(
  house: House,
  instances: readonly Instance[],
  wishes: Wishes,
  random: Random,
): Promise<string> {
  const deeds = deedsIn(house, instances, wishes, random);
  let left = random.below(deeds.reduce((sum, { weight }) => sum + weight, 0));
  const deed = deeds.find(({ weight }) => (left -= weight) < 0);
  const what = await deed?.act();
  return what === undefined ? `${deed?.name}: nobody there` : `${deed?.name}: ${what}`;
}

function deedsIn(house: House, instances: readonly Instance[], wishes: Wishes, random: Random): Deed[] {
  const killOne = (find: () => readonly Process[]) => () => {
    const victim = random.pick(find());
    if (victim) killHard(victim.pid);
    return Promise.resolve(victim && String(victim.pid));
  };
  const wish = (desired: "running" | "stopped") => async () => {
    const instance = random.pick(instances);
    if (!instance) return undefined;
    await ask(house, instance.id, desired);
    wishes.set(instance.id, desired);
    return instance.name;
  };
  return [
    { name: "kill at the link", weight: 6, act: () => Promise.resolve(killAtTheLink(house, random)) },
    { name: "kill an app", weight: 4, act: killOne(() => appsOf(house)) },
    { name: "kill a keeper", weight: 2, act: killOne(() => house.keepers()) },
    { name: "start", weight: 3, act: wish("running") },
    { name: "stop", weight: 2, act: wish("stopped") },
  ];
}

/** Kills the agent, the runtime or both at once. Answers what was killed; undefined when nobody was there just now. */
export function killAtTheLink(house: House, random: Random): string | undefined {
  const [agents, runtimes] = [agentsOf(house), house.runtimes()];
  const victims = random.pick([agents, runtimes, [...agents, ...runtimes]]) ?? [];
  for (const { pid } of victims) killHard(pid);
  if (victims.length === 0) return undefined;
  return victims
    .map(({ pid }) => `${agents.some((agent) => agent.pid === pid) ? "agent" : "workerd"} ${pid}`)
    .join(", ");
}

/** Asks until it is accepted: during an outage people press the button again. */
export async function ask(house: House, id: string, desired: "running" | "stopped"): Promise<void> {
  let refusal = "";
  const request = async () => {
    try {
      return await (desired === "running" ? house.api.start(id) : house.api.stop(id));
    } catch (error) {
      refusal = String(error);
      return undefined;
    }
  };
  const seen = () => `${refusal}\n${house.output}`;
  await until(`${desired} is accepted for ${id}`, request, { limitMs: ACCEPT_LIMIT_MS, seen });
}

export function agentsOf(house: House): Process[] {
  return house.processes().filter(({ command }) => command.includes("/agent.mjs --data "));
}

/** The processes below a keeper that listen: ports may change while the storm goes on. */
function appsOf(house: House): Process[] {
  const kept = house.keepers().flatMap(({ pid }) => treeOf(pid));
  const pids = new Set(listeningOf(kept).map(({ pid }) => pid));
  return kept.filter(({ pid }) => pids.has(pid));
}
