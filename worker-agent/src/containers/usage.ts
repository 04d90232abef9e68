/**
 * What the containers of a data root take of this host. The engine is asked, not /proc or a cgroup: its processes and
 * control groups are seen from here only where it shares this process's namespaces, which it need not.
 */
import { createInterface } from "node:readline";
import type Docker from "dockerode";
import type { ContainerUsage } from "../host/instance-usage.ts";
import { isAway, statusOf } from "./engine.ts";
import { labelFilter, ownerOf } from "./labels.ts";

/** Answers each line of `questions` with a line of JSON, and ends with them. */
export async function answerUsage(
  engine: Docker,
  root: string,
  questions: NodeJS.ReadableStream,
  tell: (line: string) => void,
): Promise<void> {
  for await (const _ of createInterface({ input: questions })) tell(JSON.stringify(await readUsage(engine, root)));
}

/** Of those that run; none while the engine is away. */
async function readUsage(engine: Docker, root: string): Promise<ContainerUsage[]> {
  try {
    const running = await engine.listContainers({ filters: labelFilter({ root }) });
    const found = await Promise.all(
      running.map(async ({ Id, Labels }) => {
        const usage = await readOne(engine.getContainer(Id));
        const instance = ownerOf(Labels)?.instance;
        return usage && instance !== undefined ? [{ instance, container: Id, ...usage }] : [];
      }),
    );
    return found.flat();
  } catch (error) {
    if (isAway(error)) return [];
    throw error;
  }
}

async function readOne(container: Docker.Container): Promise<ReturnType<typeof usageOf>> {
  try {
    // One reading, at once: without `one-shot` the engine takes a second one a second later.
    return usageOf(await container.stats({ stream: false, "one-shot": true }));
  } catch (error) {
    // It ended meanwhile.
    if ([404, 409].includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}

/** What is read of the engine's answer. */
export type EngineStats = {
  cpu_stats: { cpu_usage: { total_usage: number } };
  memory_stats: { usage?: number; stats?: { total_inactive_file?: number; inactive_file?: number } };
};

/**
 * As `docker stats` counts it: memory without the files that the kernel keeps only while nobody needs the room.
 * Undefined for a container that has just ended: the engine tells of no memory then.
 */
export function usageOf({
  cpu_stats,
  memory_stats: { usage, stats },
}: EngineStats): { cpuNs: number; memoryBytes: number } | undefined {
  if (usage === undefined) return undefined;
  // Cgroup v1 has both, and the second is of the container's own group alone.
  const idle = stats?.total_inactive_file ?? stats?.inactive_file ?? 0;
  return { cpuNs: cpu_stats.cpu_usage.total_usage, memoryBytes: idle < usage ? usage - idle : usage };
}
