/** The one place that turns an id into a typed stub of a Durable Object. */
import type { Env } from "../env.ts";
import type { JobRunRpc } from "../objects/job-run/rpc.ts";
import type { LiveFeedRpc } from "../objects/live-feed/rpc.ts";
import type { NodeHubRpc } from "../objects/node-hub/rpc.ts";
import type { SchedulerRpc } from "../objects/scheduler/rpc.ts";

export type NodeHubStub = NodeHubRpc & { fetch(request: Request): Promise<Response> };

export function nodeHub(env: Env, nodeId: string): NodeHubStub {
  return env.NODE_HUB.getByName(nodeId);
}

export function liveFeed(env: Env): LiveFeedRpc {
  return env.LIVE_FEED.getByName("feed");
}

export function jobRun(env: Env, runId: string): JobRunRpc {
  return env.JOB_RUN.getByName(runId);
}

export function scheduler(env: Env): SchedulerRpc {
  return env.SCHEDULER.getByName("scheduler");
}
