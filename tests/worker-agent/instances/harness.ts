/** Real instances for tests: a data root, a runtime that runs the fixture scripts, and waiting for what is reported. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Facts } from "@roundhouse/protocol/facts";
import type { DesiredInstance, ObservedInstance } from "@roundhouse/protocol/instance";
import { dataRootAt, makeDataRoot } from "../../../worker-agent/src/host/data-root.ts";
import { listProcesses, readProcess } from "../../../worker-agent/src/host/processes.ts";
import { createInstances, type Instances } from "../../../worker-agent/src/instances/instances.ts";
import type { Change } from "../../../worker-agent/src/instances/reporter.ts";
import { fakeFacts } from "../fake-facts.ts";
import { fixtureRuntimeAt } from "./fixture-runtime.ts";
import { buildKeeper, makeTempDir } from "../keeper/build.ts";

export const FIXTURES = join(import.meta.dirname, "fixtures");

const fixtureRuntime = fixtureRuntimeAt(FIXTURES);

export type House = Awaited<ReturnType<typeof makeHouse>>;

/** A data root with its agent part. `close` ends everything that was started below it. */
export async function makeHouse(options: { longPath?: boolean } = {}) {
  const temp = await makeTempDir();
  const keeperFile = await buildKeeper(temp.dir);
  const path = options.longPath ? join(temp.dir, "x".repeat(75), "y".repeat(75)) : join(temp.dir, "data");
  const root = dataRootAt(path);
  await makeDataRoot(root);
  const changes: Change[] = [];
  const wanted: string[] = [];
  const asked: string[] = [];
  let isLinked = true;
  const portPool = await freePorts();
  let facts = fakeFacts();
  const ahead = { wallMs: 0, steadyMs: 0 };
  let instances = create();

  function create(): Instances {
    const made = createInstances({
      root,
      runtimes: { bash: fixtureRuntime },
      keeperFile,
      user: null,
      facts: async () => facts,
      log: () => undefined,
      clock: { nowMs: () => Date.now() + ahead.wallMs, steadyMs: () => performance.now() + ahead.steadyMs },
    });
    made.onChange((change) => changes.push(change));
    made.onNeedBlueprint((digest) => wanted.push(digest));
    made.onNeedSecrets((id) => {
      if (isLinked) asked.push(id);
      return isLinked;
    });
    return made;
  }

  function want(...wishes: DesiredInstance[]): void {
    instances.applyDesired({ type: "control.desired", portPool, instances: wishes });
  }

  function observed(id = "in_1"): ObservedInstance {
    const found = instances.observed().find((one) => one.id === id);
    if (!found) throw new Error(`${id} is not observed`);
    return found;
  }

  return {
    root,
    keeperFile,
    portPool,
    changes,
    wantedBlueprints: wanted,
    /** The instances whose secrets were asked for, in order. */
    askedSecrets: asked,
    /** Whether the control plane can be asked. */
    setLinked(is: boolean): void {
      isLinked = is;
    },
    tempDir: temp.dir,
    instances: () => instances,
    setFacts(changes: Partial<Facts>): void {
      facts = fakeFacts(changes);
    },
    want,
    observed,
    /** Time passes: both clocks go on by that much at once. */
    pass(ms: number): void {
      ahead.wallMs += ms;
      ahead.steadyMs += ms;
    },
    /** Somebody sets the host's clock. */
    setClock(aheadMs: number): void {
      ahead.wallMs = aheadMs;
    },
    async until(condition: (observed: ObservedInstance) => boolean, id = "in_1"): Promise<ObservedInstance> {
      await waitFor(
        () => condition(observed(id)),
        () => JSON.stringify(observed(id)),
      );
      return observed(id);
    },
    /** As after an end of the agent process: a new one on the same data root. */
    async restart(shutdown: { endKeepers: boolean }): Promise<void> {
      await instances.shutdown(shutdown);
      instances = create();
      await instances.start();
    },
    async close(): Promise<void> {
      await instances.shutdown({ endKeepers: true });
      // A keeper says goodbye a moment before it is gone.
      await sleep(50);
      await endBelow(temp.dir);
      await temp.remove();
    },
  };
}

export function wish(changes: Partial<DesiredInstance> & { script?: string } = {}): DesiredInstance {
  const { script = "web", id = "in_1", ...rest } = changes;
  return {
    id,
    name: id,
    slug: id.replace("_", "-"),
    folder: id.replace("_", "-"),
    generation: 1,
    desired: "running",
    deleteMode: "permanent",
    epoch: 1,
    blueprint: { name: script, kind: "bash", digest: "none" },
    parent: null,
    origin: null,
    rebuilds: 0,
    resets: 0,
    gpuIds: [],
    autostart: false,
    port: null,
    ports: [],
    env: [],
    outputPath: null,
    restartPolicy: "never",
    pythonVersion: null,
    cudaVersion: null,
    torchVersion: null,
    ...rest,
  };
}

export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  describe: () => string = () => "the condition",
  limitMs = 15_000,
): Promise<void> {
  for (const endMs = Date.now() + limitMs; Date.now() < endMs; await sleep(25)) {
    if (await condition()) return;
  }
  throw new Error(`not in time: ${describe()}`);
}

/** Whether a process with this number runs; one that ended and waits to be reaped does not. */
export async function isAlive(pid: number | null): Promise<boolean> {
  const state = pid === null ? undefined : (await readProcess(pid))?.state;
  return state !== undefined && state !== "Z" && state !== "X";
}

/** Whether any process still carries this folder in its command line or its environment. */
export async function processesBelow(dir: string): Promise<number[]> {
  const found: number[] = [];
  for (const { pid, state } of await listProcesses()) {
    if (pid === process.pid || state === "Z") continue;
    const texts = await Promise.all(
      ["cmdline", "environ"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "")),
    );
    if (texts.some((text) => text.includes(dir))) found.push(pid);
  }
  return found;
}

/** Ends what a test may have left behind, which is known by its own temporary folder. */
async function endBelow(dir: string): Promise<void> {
  for (const pid of await processesBelow(dir)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

/** A stretch of 20 ports that are likely free: above one the kernel just gave out. */
async function freePorts(): Promise<{ first: number; last: number }> {
  const first = 20_000 + Math.floor(Math.random() * 10_000);
  for (let port = first; port < first + 20; port++) {
    const free = await new Promise<boolean>((done) => {
      const server = createServer().once("error", () => done(false));
      server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
    });
    if (!free) return freePorts();
  }
  return { first, last: first + 19 };
}
