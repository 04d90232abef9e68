/** The agent put together: data root, identity, instances, services and the link. */
import { fileURLToPath } from "node:url";
import type { Facts } from "@roundhouse/protocol/facts";
import { newId } from "@roundhouse/protocol/ids";
import type { Policy } from "@roundhouse/protocol/policy";
import type { AgentHello } from "@roundhouse/protocol/messages";
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from "@roundhouse/protocol/version";
import { describeCeiling } from "./ceiling.ts";
import { bashRuntime } from "./blueprints/bash/bash-runtime.ts";
import { ensureJoined, keepIdentity } from "./ensure-joined.ts";
import { containerRuntime, hasContainerJobs } from "./blueprints/container/container-runtime.ts";
import { installProgram } from "./keeper/start.ts";
import { createMeter } from "./containers/meter.ts";
import { clearContainers, keepSweeping } from "./containers/sweeper.ts";
import { createSurvey } from "./environments/survey.ts";
import { ENDED_WITH_APPS, NOT_WELCOME } from "./exit-status.ts";
import { describeMode } from "./host/data-mode.ts";
import { type Roots, rootsOf } from "./files/roots.ts";
import { filesService } from "./files/service.ts";
import { type DataRoot, dataRootAt } from "./host/data-root.ts";
import { readFacts } from "./host/facts.ts";
import { describeWhereabouts, hostingOf } from "./host/hosting.ts";
import { type AppUserChoice, chooseAppUser } from "./host/isolation.ts";
import { type OpenDataRoot, openDataRoot } from "./host/open-data-root.ts";
import { createUsageReader } from "./host/instance-usage.ts";
import { findViews, type Views } from "./host/views.ts";
import { createSampler } from "./host/sample.ts";
import { createStatsRecorder, type StatsRecorder } from "./host/stats.ts";
import { findWhereabouts, type Whereabouts } from "./host/whereabouts.ts";
import type { Identity } from "./identity.ts";
import { createInstances, type Instances } from "./instances/instances.ts";
import { fitTogether, splitReports } from "./link/fit.ts";
import { keepLink, type Link, type LinkOver } from "./link/loop.ts";
import type { AgentServices } from "./link/service-stream.ts";
import { takeLock } from "./lock.ts";
import { log } from "./log.ts";
import type { ServeOptions } from "./options.ts";
import { serverOfLabel } from "./mcp/channels/container.ts";
import { createGateway } from "./mcp/gateway.ts";
import { endStrayServers, Servers } from "./mcp/servers.ts";
import { mcpServices } from "./mcp/service.ts";
import { createProviders, type Providers } from "./providers/service.ts";
import { agentServices, type RouterDeps } from "./services/router.ts";
import { versionsService } from "./environments/service.ts";
import { createVersionChoices } from "./environments/version-choices.ts";
import { createTools, type Tools, type ToolsOptions } from "./tools/tools.ts";
import { trashService } from "./trash/service.ts";
import { terminalServices } from "./terminals/services.ts";
import { endStrayTerminals, Terminals } from "./terminals/terminals.ts";
import { createToldFacts } from "./told-facts.ts";
import { createUploads, type Uploads } from "./uploads/uploads.ts";
import { AGENT_VERSION } from "./version.ts";

type Signal = "leave-apps" | "end-apps";

/** Joins if need be and serves until a signal or the control plane ends it. Answers the exit status. */
export async function serve(options: ServeOptions): Promise<number> {
  const where = await findWhereabouts(options);
  describeWhereabouts(where).forEach(log);
  const unlock = await takeLock(dataRootAt(where.data));
  const signal = nextSignal();
  try {
    for (;;) {
      const status = await serveFrom(where, options, signal);
      if (status !== "move-in") return status;
    }
  } finally {
    await unlock();
  }
}

async function serveFrom(
  where: Whereabouts,
  options: ServeOptions,
  signal: Promise<Signal>,
): Promise<number | "move-in"> {
  const opened = await openDataRoot(where.data);
  const { root } = opened;
  const identity = await ensureJoined(root, options);
  if (identity.ceiling) log(describeCeiling(identity.ceiling));
  const choice = await chooseAppUser(root);
  const facts = factsOf(where, opened, choice);
  await endStrayTerminals(root.instancesDir);
  const terminals = new Terminals({ surroundingsOf: (id) => instances.surroundingsOf(id) });
  const instances = makeInstances(root, choice, facts, identity.mounts, (id) => terminals.closeAllOf(id));
  await instances.start();
  const mcp = makeServers(root, choice, identity);
  await mcp.begin();
  const own = containersOf(root);
  const ours = { ...own, hasContainers: async () => mcp.hasContainers() || own.hasContainers() };
  const sweeper = keepSweeping({ ...ours, held: () => [...instances.processes().keys(), ...mcp.heldContainers()] });
  const meter = createMeter(ours);
  const readSample = await createSampler({
    dataRoot: root,
    readInstances: createUsageReader(() => new Map([...instances.processes(), ...containersOfServers(mcp)]), {
      readContainers: async () =>
        (await meter.read()).map((one) => ({ ...one, instance: serverOfLabel(one.instance) })),
    }),
  });
  const stats = createStatsRecorder({ readSample, onError: (error) => log(`stats: ${String(error)}`) });
  const places = { rootsOf: (id: string) => rootsOfInstance(root, instances, id), user: choice.user, log };
  const uploads = createUploads({ root, ...places });
  const files = filesService(places);
  const mcpServer = (id: string) => mcp.find(id);
  const tools = makeTools({ root, choice, facts, instances, stats, mcpServer, ceiling: identity.ceiling });
  await tools.begin();
  const parts = { opened, identity, facts, instances, stats, uploads, files, terminals, mcp, tools };
  const { link, roomForMove } = connect(parts);
  const ending = await Promise.race([signal, link.over, roomForMove]);
  link.stop();
  stats.stop();
  meter.stop();
  sweeper.stop();
  uploads.stop();
  const sessionsEnd = Promise.all([terminals.shutdown(), mcp.shutdown()]);
  if (ending === "move-in") {
    log(`${where.data} can be written again; this node moves there`);
    const left = { endKeepers: false };
    await Promise.all([sessionsEnd, tools.shutdown(left), instances.shutdown(left)]);
    return ending;
  }
  if (isUnwelcome(ending)) await keepIdentity(root, { ...identity, id: null });
  const callsEnd = tools.shutdown({ endKeepers: ending === "end-apps" });
  const [status] = await Promise.all([finish(ending, instances, root), sessionsEnd, callsEnd]);
  return status;
}

/** The pool does not know this node any more: with a new token it may join again. */
function isUnwelcome(ending: Signal | LinkOver): boolean {
  return typeof ending === "object" && (ending.why === "removed" || ending.why === "refused");
}

/** Ends every app of a data root that no agent serves. */
export async function endApps(where: Whereabouts): Promise<void> {
  const opened = await openDataRoot(where.data);
  const choice = await chooseAppUser(opened.root);
  const facts = factsOf(where, opened, choice);
  const instances = makeInstances(opened.root, choice, facts, []);
  const nobody = { stats: { latest: () => undefined }, mcpServer: () => undefined };
  const tools = makeTools({ root: opened.root, choice, facts, instances, ...nobody });
  await Promise.all([instances.start(), tools.begin(), endStrayServers(opened.root.mcpDir)]);
  await Promise.all([tools.shutdown({ endKeepers: true }), instances.shutdown({ endKeepers: true })]);
  await clearContainersOf(opened.root);
}

function clearContainersOf(root: DataRoot): Promise<void> {
  return clearContainers(containersOf(root));
}

/** Whose containers are meant, for those who ask our program about them. */
function containersOf(root: DataRoot) {
  const program = () => containerProgram(root);
  return { program, root: root.path, hasContainers: () => hasContainerJobs(root), log };
}

/** The MCP servers whose containers are held now; what they take their containers tell. */
function containersOfServers(mcp: Servers): Map<string, readonly number[]> {
  return new Map(mcp.heldContainers().map((label) => [serverOfLabel(label), []]));
}

function makeTools(parts: {
  root: DataRoot;
  choice: AppUserChoice;
  facts: FactsReader;
  instances: Instances;
  stats: Pick<StatsRecorder, "latest">;
  mcpServer: ToolsOptions["mcpServer"];
  ceiling?: Policy | null;
}): Tools {
  const { root, choice, facts, instances, stats, mcpServer, ceiling = null } = parts;
  return createTools({
    ...{ root, user: choice.user, facts, instances, stats, mcpServer, ceiling, log },
    keeperFile: programFile("keeper"),
    toolFile: programFile("tool"),
  });
}

function makeServers(root: DataRoot, { user }: AppUserChoice, { mounts, ceiling }: Identity): Servers {
  const containers = { program: () => containerProgram(root), allowedMounts: mounts };
  return new Servers({ root, user, createGateway, containers, ceiling, log });
}

/** One of the programs that are bundled beside this one. */
function programFile(name: string): string {
  return fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
}

/** A copy under the name of its content: an upgrade of the agent takes no code away from what runs. */
function containerProgram(root: DataRoot): Promise<string> {
  return installProgram("container", programFile("container"), root.binDir, 0o600);
}

function makeInstances(
  root: DataRoot,
  choice: AppUserChoice,
  facts: FactsReader,
  mounts: readonly string[],
  beforeRemoval?: (id: string) => Promise<void>,
): Instances {
  let views: Promise<Views | null> | undefined;
  const container = containerRuntime({ program: () => containerProgram(root), allowedMounts: mounts });
  return createInstances({
    root,
    runtimes: { bash: bashRuntime, container },
    keeperFile: programFile("keeper"),
    user: choice.user,
    facts,
    log,
    beforeRemoval,
    views: () => (views ??= findViews(root.stateDir, choice.user)),
  });
}

function rootsOfInstance(root: DataRoot, instances: Instances, id: string): Roots | undefined {
  const folders = instances.foldersOf(id);
  return folders && rootsOf(root, folders);
}

type Parts = {
  opened: OpenDataRoot;
  identity: Identity;
  facts: FactsReader;
  instances: Instances;
  stats: StatsRecorder;
  uploads: Uploads;
  files: RouterDeps["files"];
  terminals: Terminals;
  mcp: Servers;
  tools: Tools;
};

function connect(parts: Parts): { link: Link; roomForMove: Promise<"move-in"> } {
  const { opened, identity, facts, instances, mcp, tools } = parts;
  const bootId = newId("node");
  const providers = createProviders();
  let onRoomForMove: (ending: "move-in") => void = () => undefined;
  const roomForMove = new Promise<"move-in">((resolve) => (onRoomForMove = resolve));
  const told = createToldFacts({
    readFacts: facts,
    readMode: opened.readMode,
    tell: (now) => link.send({ type: "agent.facts", agentVersion: AGENT_VERSION, facts: now }),
    onMode: (mode) => log(describeMode(mode)),
    onLook: async () => {
      if (await opened.mayMoveIn()) onRoomForMove("move-in");
    },
    onError: (error) => log(`facts: ${String(error)}`),
  });
  const hello = async (): Promise<AgentHello> => ({
    type: "agent.hello",
    protocol: { current: PROTOCOL_VERSION, oldest: OLDEST_PROTOCOL_VERSION },
    agentVersion: AGENT_VERSION,
    bootId,
    facts: await told.read(),
    instances: fitTogether(instances.observed()),
    unknown: instances.unknown(),
  });
  const link = keepLink(
    {
      url: identity.url,
      key: identity.key,
      hello,
      onWelcome: (welcome) => {
        log(`connected to ${identity.url} as “${welcome.nodeName}”`);
        mcp.linked();
      },
      onDesired: (desired) => {
        tools.applyDesired(desired);
        instances.applyDesired(desired);
        providers.apply(desired.providers);
        mcp.apply(desired);
      },
      onBlueprint: (blueprint) => {
        instances.provideBlueprint(blueprint).catch((error: unknown) => log(`blueprint: ${String(error)}`));
      },
      onSecrets: (secrets) => {
        instances.provideSecrets(secrets);
        mcp.provideSecrets(secrets);
      },
      onUnknown: once((what) => log(`link: the control plane is newer than this agent: ${what} are ignored`)),
      portsOf: (id) => instances.portsOf(id),
      services: servicesOf(parts, providers),
    },
    log,
  );
  instances.onChange(({ instances: reports, gone, unknown }) => {
    for (const part of splitReports(reports)) link.send({ type: "agent.observed", instances: part, gone, unknown });
  });
  instances.onNeedBlueprint((digest) => link.send({ type: "agent.need_blueprint", digest }));
  instances.onNeedSecrets((instance) => link.send({ type: "agent.need_secrets", instance }));
  mcp.connect((message) => link.send(message));
  void link.over.then(() => told.stop());
  return { link, roomForMove };
}

function servicesOf(parts: Parts, providers: Providers): AgentServices {
  const { opened, facts, instances, stats, uploads, files, terminals, mcp, tools } = parts;
  return agentServices({
    stats,
    logDirOf: (id) => instances.logDirOf(id),
    uploads: uploads.fetch,
    files,
    providers: providers.fetch,
    trash: trashService(opened.root),
    versions: versionsService({
      surroundingsOf: (id) => instances.surroundingsOf(id),
      facts,
      choices: createVersionChoices({ facts, log }),
    }),
    terminals: terminalServices(terminals),
    mcp: mcpServices(mcp),
    tools: tools.fetch,
  });
}

/** Reads what this node is, anew at each call. */
type FactsReader = () => Promise<Facts>;

function factsOf(
  { view, detection }: Whereabouts,
  opened: OpenDataRoot,
  { isolation, user }: AppUserChoice,
): FactsReader {
  const { root } = opened;
  const readEnvironments = createSurvey({ root, user });
  return async () => {
    const hosting = hostingOf(view, detection, await opened.readMode());
    return readFacts({ dataRoot: root, isolation, platform: detection.platform.name, hosting, readEnvironments });
  };
}

async function finish(ending: Signal | LinkOver, instances: Instances, root: DataRoot): Promise<number> {
  if (ending === "end-apps") {
    await instances.shutdown({ endKeepers: true });
    await clearContainersOf(root);
    return ENDED_WITH_APPS;
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

/** Ctrl-C and SIGTERM leave apps running (a systemd unit uses KillMode=process); SIGUSR2 ends them. */
function nextSignal(): Promise<Signal> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve("leave-apps"));
    process.on("SIGTERM", () => resolve("leave-apps"));
    process.on("SIGHUP", () => resolve("leave-apps"));
    process.on("SIGUSR2", () => resolve("end-apps"));
  });
}

/** The same words are passed on once. */
function once(tell: (what: string) => void): (what: string) => void {
  const told = new Set<string>();
  return (what) => {
    if (!told.has(what)) tell(what);
    told.add(what);
  };
}
