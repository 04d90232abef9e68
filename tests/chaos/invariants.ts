/** What must hold once the storm is over. Each answers what is wrong; nothing means well. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { House } from "../e2e/house.ts";
import { listeningOf, treeOf } from "../e2e/processes.ts";
import { agentsOf, ask, type Wishes } from "./storm.ts";

const SETTLE_LIMIT_MS = 60_000;

/** Every instance gets to where it was wished. One that gave up, as its policy says, is started once more. */
export async function reachTheirWishes(house: House, wishes: Wishes): Promise<string[]> {
  const outcomes = [...wishes].map(async ([id, desired]): Promise<string[]> => {
    await ask(house, id, desired);
    const status = desired === "running" ? "started" : "stopped";
    return house.api.untilStatus(id, status, SETTLE_LIMIT_MS).then(
      () => [],
      (error: unknown) => [String(error)],
    );
  });
  return (await Promise.all(outcomes)).flat();
}

export function keepOneAppEach(house: House, instances: readonly Instance[], wishes: Wishes): string[] {
  const listening = listeningOf(house.processes());
  return instances.flatMap(({ id, name, port }) => {
    const pids = new Set(listening.filter((one) => one.port === port).map(({ pid }) => pid));
    const wanted = wishes.get(id) === "running" ? 1 : 0;
    return pids.size === wanted ? [] : [`${name}: ${pids.size} processes listen on ${port}, not ${wanted}`];
  });
}

/** One agent, one runtime, one keeper for each running app, and no process outside of these. */
export function leaveNoOrphan(house: House, wishes: Wishes): string[] {
  const running = [...wishes.values()].filter((desired) => desired === "running").length;
  const [agents, runtimes, keepers] = [agentsOf(house), house.runtimes(), house.keepers()];
  const counts = [
    { what: "agents", found: agents.length, wanted: 1 },
    { what: "runtimes", found: runtimes.length, wanted: 1 },
    { what: "keepers", found: keepers.length, wanted: running },
  ];
  const wrong = counts.filter(({ found, wanted }) => found !== wanted);
  const known = new Set(
    [house.startPid, ...keepers.map(({ pid }) => pid)].flatMap((pid) => treeOf(pid).map((one) => one.pid)),
  );
  const orphans = house.processes().filter(({ pid }) => !known.has(pid));
  return [
    ...wrong.map(({ what, found, wanted }) => `${found} ${what}, not ${wanted}`),
    ...orphans.map(({ pid, command }) => `orphan ${pid}: ${command}`),
  ];
}
