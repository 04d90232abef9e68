/** The agent put together: data root, identity, instances, services and the link. */
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import type { Facts } from "@roundhouse/protocol/facts";
import { newId } from "@roundhouse/protocol/ids";
import type { AgentHello } from "@roundhouse/protocol/messages";
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from "@roundhouse/protocol/version";
import { bashRuntime } from "./blueprints/bash/bash-runtime.ts";
import { type DataRoot, dataRootAt, makeDataRoot } from "./host/data-root.ts";
import { readFacts } from "./host/facts.ts";
import { type AppUserChoice, chooseAppUser } from "./host/isolation.ts";
import { createSampler } from "./host/sample.ts";
import { createStatsRecorder, type StatsRecorder } from "./host/stats.ts";
import { type Identity, keyHashOf, newIdentity, readIdentity, writeIdentity } from "./identity.ts";
import { createInstances, type Instances } from "./instances/instances.ts";
import { join, JoinRefused } from "./join.ts";
import { fitTogether, splitReports } from "./link/fit.ts";
import { keepLink, type Link, type LinkOver } from "./link/loop.ts";
import { takeLock } from "./lock.ts";
import type { Options } from "./options.ts";
import { agentServices } from "./services/router.ts";
import { createUploads, type Uploads } from "./uploads/uploads.ts";
import { AGENT_VERSION } from "./version.ts";

type ServeOptions = Extract<Options, { command: "serve" }>;
type Signal = "leave-apps" | "end-apps";

/** Exit status when the pool does not want this node (any more): starting again would not help. */
const NOT_WELCOME = 3;
/** Facts change rarely (a GPU falls off, a disk fills): they are looked at again this often. */
const FACTS_INTERVAL_MS = 5 * 60_000;

/** Joins if need be and serves until a signal or the control plane ends it. Answers the exit status. */
export async function serve(options: ServeOptions): Promise<number> {
  const root = dataRootAt(options.data);
  await makeDataRoot(root);
  const unlock = await takeLock(root);
  const signal = nextSignal();
  try {
    const identity = await ensureJoined(root, options);
    const choice = await chooseAppUser(root);
    const instances = makeInstances(root, choice);
    await instances.start();
    const readSample = await createSampler({ dataRoot: root });
    const stats = createStatsRecorder({ readSample, onError: (error) => log(`stats: ${String(error)}`) });
    const uploads = createUploads({ root, folderOf: (id) => instances.folderOf(id), user: choice.user, log });
    const link = connect({ root, identity, choice, instances, stats, uploads });
    const ending = await Promise.race([signal, link.over]);
    link.stop();
    stats.stop();
    uploads.stop();
    if (isUnwelcome(ending)) await writeIdentity(root, { ...identity, id: null });
    return await finish(ending, instances);
  } finally {
    await unlock();
  }
}

/** The pool does not know this node any more: with a new token it may join again. */
function isUnwelcome(ending: Signal | LinkOver): boolean {
  return typeof ending === "object" && (ending.why === "removed" || ending.why === "refused");
}

/** Ends every app of a data root that no agent serves. */
export async function endApps(root: DataRoot): Promise<void> {
  const instances = makeInstances(root, await chooseAppUser(root));
  await instances.start();
  await instances.shutdown({ endKeepers: true });
}

function makeInstances(root: DataRoot, choice: AppUserChoice): Instances {
  return createInstances({
    root,
    runtimes: { bash: bashRuntime },
    keeperFile: fileURLToPath(new URL("./keeper.mjs", import.meta.url)),
    user: choice.user,
    facts: () => readFacts({ dataRoot: root, isolation: choice.isolation }),
    log,
  });
}

async function ensureJoined(root: DataRoot, options: ServeOptions): Promise<Identity> {
  const before = await readIdentity(root);
  const { token } = options;
  if (!token) {
    if (before?.id) return before;
    throw new JoinRefused("this machine is not a node yet; start with --token (dashboard: Add a node)");
  }
  const url = options.url ?? token.url;
  // A node that shows a token for the pool it is already in stays the node it is.
  if (before?.id && before.url === url) return before;
  // The key is kept: a pool that knows it answers with the same node (its address changed), another one makes a new node.
  const draft = before ? { ...before, url } : newIdentity(url);
  if (!before) await writeIdentity(root, draft);
  const name = options.name ?? (hostname() || "node");
  const joined = await join(url, token, { keyHash: await keyHashOf(draft), name, labels: options.labels });
  const identity: Identity = { ...draft, id: joined.id };
  await writeIdentity(root, identity);
  log(`joined ${url} as “${joined.name}” (${joined.id})`);
  return identity;
}

function connect(parts: {
  root: DataRoot;
  identity: Identity;
  choice: AppUserChoice;
  instances: Instances;
  stats: StatsRecorder;
  uploads: Uploads;
}): Link {
  const { root, identity, choice, instances, stats, uploads } = parts;
  const bootId = newId("node");
  const facts = () => readFacts({ dataRoot: root, isolation: choice.isolation });
  let told = "";
  const hello = async (): Promise<AgentHello> => {
    const now = await facts();
    told = lasting(now);
    return {
      type: "agent.hello",
      protocol: { current: PROTOCOL_VERSION, oldest: OLDEST_PROTOCOL_VERSION },
      agentVersion: AGENT_VERSION,
      bootId,
      facts: now,
      instances: fitTogether(instances.observed()),
      unknown: instances.unknown(),
    };
  };
  const link = keepLink(
    {
      url: identity.url,
      key: identity.key,
      hello,
      onWelcome: (welcome) => log(`connected to ${identity.url} as “${welcome.nodeName}”`),
      onDesired: (desired) => instances.applyDesired(desired),
      onBlueprint: (blueprint) => {
        instances.provideBlueprint(blueprint).catch((error: unknown) => log(`blueprint: ${String(error)}`));
      },
      onUnknown: once((what) => log(`link: the control plane is newer than this agent: ${what} are ignored`)),
      portsOf: (id) => instances.portsOf(id),
      services: agentServices({ stats, logDirOf: (id) => instances.logDirOf(id), uploads: uploads.fetch }),
    },
    log,
  );
  instances.onChange(({ instances: reports, gone, unknown }) => {
    for (const part of splitReports(reports)) link.send({ type: "agent.observed", instances: part, gone, unknown });
  });
  instances.onNeedBlueprint((digest) => link.send({ type: "agent.need_blueprint", digest }));
  const tellChanges = async (): Promise<void> => {
    const now = await facts();
    const changed = lasting(now) !== told;
    told = lasting(now);
    // An idle node is silent, so that its hub can sleep.
    if (changed) link.send({ type: "agent.facts", agentVersion: AGENT_VERSION, facts: now });
  };
  const timer = setInterval(
    () => void tellChanges().catch((error: unknown) => log(`facts: ${String(error)}`)),
    FACTS_INTERVAL_MS,
  );
  void link.over.then(() => clearInterval(timer));
  return link;
}

async function finish(ending: Signal | LinkOver, instances: Instances): Promise<number> {
  if (ending === "end-apps") {
    await instances.shutdown({ endKeepers: true });
    return 0;
  }
  await instances.shutdown({ endKeepers: false });
  const running = instances.observed().filter((report) => report.pid !== null).length;
  const left = running > 0 ? `${running} app(s) keep running; “worker-agent stop” ends them` : "no app was running";
  if (typeof ending === "object" && ending.why !== "stopped") {
    log(`${ending.message}; ${left}`);
    return NOT_WELCOME;
  }
  log(`stopped; ${left}`);
  return 0;
}

/** What of the facts is worth a message: free space changes all the time, and the stats tell it anyway. */
function lasting(facts: Facts): string {
  return JSON.stringify({ ...facts, disk: { ...facts.disk, freeBytes: 0 } });
}

/** Ctrl-C and SIGTERM leave apps running (a systemd unit uses KillMode=process); SIGUSR2 ends them. */
function nextSignal(): Promise<Signal> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve("leave-apps"));
    process.on("SIGTERM", () => resolve("leave-apps"));
    process.on("SIGHUP", () => resolve("leave-apps"));
    process.on("SIGUSR2", () => resolve("end-apps"));
  });
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

/** The same words are passed on once. */
function once(tell: (what: string) => void): (what: string) => void {
  const told = new Set<string>();
  return (what) => {
    if (!told.has(what)) tell(what);
    told.add(what);
  };
}
