/** How an instance is shown. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import type { Env } from "../../env.ts";
import { appUrl, showPorts } from "./ports.ts";
import { isAnswered, type InstanceRow, statusOf } from "./status.ts";

export function toInstance(env: Env, row: InstanceRow, isNodeOnline: boolean): Instance {
  const { id, name, slug, desired, generation, gpuIds, autostart, outputPath, restartPolicy, hostname } = row;
  const { pythonVersion, cudaVersion, torchVersion } = row;
  const status = statusOf(row, isNodeOnline);
  return {
    ...{ id, name, slug, desired, generation, gpuIds, autostart, outputPath, restartPolicy, hostname },
    ...{ pythonVersion, cudaVersion, torchVersion },
    env: row.env,
    blueprint: row.blueprintName,
    kind: row.blueprintKind,
    node: row.nodeId,
    parent: row.parentId,
    status,
    statusSince: status === "unreachable" ? null : sinceOf(row),
    observedGeneration: row.observedGeneration,
    port: row.port ?? row.observedPort,
    url: appUrl(env, row),
    ports: showPorts(env, row, reportOfLaunch(row)),
    createdAt: row.createdAt.toISOString(),
    ...lastReport(row),
  };
}

function sinceOf(row: InstanceRow): string {
  return (isAnswered(row) ? row.observed?.since : undefined) ?? row.changedAt.toISOString();
}

/** A launch that is only asked for yet has nothing to report: the last one's death is not its own. */
function reportOfLaunch(row: InstanceRow): ObservedInstance | null {
  const isAwaited = row.desired === "running" && !isAnswered(row);
  return isAwaited ? null : row.observed;
}

function lastReport(row: InstanceRow) {
  const observed = reportOfLaunch(row);
  return {
    reason: observed?.reason ?? null,
    exitCode: observed?.exitCode ?? null,
    signal: observed?.signal ?? null,
    lastLines: observed?.lastLines ?? [],
    diskBytes: row.observed?.diskBytes ?? null,
    exposed: observed?.exposed ?? [],
    startedAt: observed?.startedAt ?? null,
  };
}
