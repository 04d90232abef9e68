/** The one place that turns an id into a typed stub of a Durable Object. */
import type { Env } from "../env.ts";
import type { JobRunRpc } from "../objects/job-run/rpc.ts";
import type { LiveFeedRpc } from "../objects/live-feed/rpc.ts";
import type { NodeHubRpc } from "../objects/node-hub/rpc.ts";
import type { SchedulerRpc } from "../objects/scheduler/rpc.ts";

export type NodeHubStub = NodeHubRpc & { fetch(request: Request): Promise<Response> };

export function nodeHub(env: Env, nodeId: string): NodeHubStub {
  return lettingGo(env.NODE_HUB.getByName(nodeId));
}

export function liveFeed(env: Env): LiveFeedRpc {
  return lettingGo(env.LIVE_FEED.getByName("feed"));
}

export function jobRun(env: Env, runId: string): JobRunRpc {
  return lettingGo(env.JOB_RUN.getByName(runId));
}

export function scheduler(env: Env): SchedulerRpc {
  return lettingGo(env.SCHEDULER.getByName("scheduler"));
}

/**
 * The same stub, whose calls end when they are answered. The runtime holds the session of a call that threw until its promise
 * is disposed of, and with it both objects awake, which is paid for; within an object only the garbage collector would do that.
 */
function lettingGo<Stub extends object>(stub: Stub): Stub {
  return new Proxy(stub, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...args: unknown[]) => PromiseLike<unknown> & Partial<Disposable>;
      return async (...args: unknown[]) => {
        // A stub answers any name with something callable, `apply` too.
        const call = Reflect.apply(method, target, args);
        try {
          return await call;
        } finally {
          call[Symbol.dispose]?.();
        }
      };
    },
  });
}
