/** The bindings and variables of the Worker (wrangler.toml; the local start adds the variables itself). */
import type { JobRun } from "./objects/job-run/durable-object.ts";
import type { LiveFeed } from "./objects/live-feed/durable-object.ts";
import type { NodeHub } from "./objects/node-hub/durable-object.ts";
import type { Scheduler } from "./objects/scheduler/durable-object.ts";

export type Env = {
  DB: D1Database;
  ASSETS: Fetcher;
  NODE_HUB: DurableObjectNamespace<NodeHub>;
  LIVE_FEED: DurableObjectNamespace<LiveFeed>;
  JOB_RUN: DurableObjectNamespace<JobRun>;
  SCHEDULER: DurableObjectNamespace<Scheduler>;
  /** 32 random bytes as base64url: the root of session signatures and proofs. A secret when deployed. */
  MASTER_KEY: string;
  /**
   * The former MASTER_KEY while it is being replaced: what was sealed under it can still be opened. Needed until secrets are
   * rotated and the runs that wait are over.
   */
  MASTER_KEY_PREVIOUS?: string;
  /** Where people and nodes reach the dashboard, for example `http://localhost:8787`. */
  PUBLIC_URL: string;
  /** Apps live on `<slug>.<APPS_DOMAIN>`, for example `apps.localhost:8787`: host and, unless default, port. */
  APPS_DOMAIN: string;
  /** Of the local start: `this machine` or `unknown`, in place of every client's address. Elsewhere Cloudflare tells addresses. */
  CLIENT_ADDRESS?: string;
  /** Optional preset admin key (at least 32 characters). */
  ROUNDHOUSE_ADMIN_KEY?: string;
};
