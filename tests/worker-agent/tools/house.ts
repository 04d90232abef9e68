/** Tool calls of a node: its tools over a data root of its own, called as the control plane calls them. */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { Policy } from "@roundhouse/protocol/policy";
import { ToolCallAnswer, type ToolCallRequest, type ToolResult } from "@roundhouse/protocol/tool-call";
import type { AppUser } from "../../../worker-agent/src/blueprints/runtime.ts";
import { dataRootAt, makeDataRoot } from "../../../worker-agent/src/host/data-root.ts";
import { isSameProcess } from "../../../worker-agent/src/host/processes.ts";
import { createTools, type Tools } from "../../../worker-agent/src/tools/tools.ts";
import { fakeFacts } from "../fake-facts.ts";
import { processesBelow, waitFor, wish } from "../instances/harness.ts";
import { buildKeeper, bundle, makeTempDir } from "../keeper/build.ts";

export const OPEN: Policy = { default: "allow", execCommand: true, rules: [] };
const TOOL_PROGRAM = join(import.meta.dirname, "../../../worker-agent/src/tools/program/main.ts");

export type House = Awaited<ReturnType<typeof makeHouse>>;
type Options = { user?: AppUser | null; ceiling?: Policy | null; mostRunning?: number; isClosed?: boolean };

/** One instance, `in_app`, called “app”, whose folders are there and whose ports are `ports`. */
export async function makeHouse({ user = null, ceiling = null, mostRunning, isClosed = false }: Options = {}) {
  const temp = await makeTempDir("rh-tools-");
  const root = dataRootAt(join(temp.dir, "data"));
  await makeDataRoot(root);
  const [keeperFile, toolFile] = [await buildKeeper(temp.dir), await bundle(TOOL_PROGRAM, join(temp.dir, "tool.mjs"))];
  const own = join(root.instancesDir, "app");
  const outputs = join(root.outputsDir, "app");
  await mkdir(own);
  await mkdir(outputs);
  const ports: number[] = [];
  const lines: string[] = [];
  let policy: Policy | null = OPEN;
  let tools = await open();

  async function open(): Promise<Tools> {
    const made = createTools({
      ...{ root, user, ceiling, keeperFile, toolFile, mostRunning },
      instances: {
        foldersOf: (id) => (id === "in_app" ? { own, outputs, isClosed } : undefined),
        portsOf: (id) => (id === "in_app" ? ports : []),
        observed: () => [],
      },
      stats: {
        latest: () => ({
          at: "2026-01-01T00:00:00.000Z",
          cpuPercent: 7,
          memoryUsedBytes: 0,
          diskFreeBytes: 0,
          gpus: [],
        }),
      },
      facts: async () => fakeFacts(),
      mcpServer: () => undefined,
      log: (line) => lines.push(line),
    });
    await made.begin();
    apply(made);
    return made;
  }

  function apply(to: Tools): void {
    const app: DesiredInstance = wish({ id: "in_app", name: "app" });
    to.applyDesired({
      type: "control.desired",
      portPool: { first: 1, last: 2 },
      instances: [app],
      policy,
      providers: [],
      mcpServers: [],
    });
  }

  async function send(method: string, id: string, body?: ToolCallRequest, waitMs = 20_000): Promise<Response> {
    const init = body ? { method, body: JSON.stringify(body) } : { method };
    const response = await tools.fetch(new Request(`http://agent/tools/calls/${id}?waitMs=${waitMs}`, init));
    if (!response) throw new Error("no answer");
    return response;
  }

  async function answerTo(
    method: string,
    id: string,
    body?: ToolCallRequest,
    waitMs?: number,
  ): Promise<ToolCallAnswer> {
    const response = await send(method, id, body, waitMs);
    return ToolCallAnswer.parse(await response.json());
  }

  let count = 0;
  const nextId = () => `call-${(count += 1)}`;

  return {
    ...{ root, own, outputs, ports, lines, send, answerTo, tempDir: temp.dir },
    put: (id: string, tool: string, args: object, changes: { waitMs?: number; approval?: string } = {}) =>
      answerTo("PUT", id, requestOf(tool, args, changes.approval), changes.waitMs),
    get: (id: string, waitMs?: number) => answerTo("GET", id, undefined, waitMs),
    cancel: (id: string) => answerTo("DELETE", id),
    /** A call of its own that is done. */
    async done(tool: string, args: object, id = nextId()): Promise<ToolResult> {
      return doneOf(await answerTo("PUT", id, requestOf(tool, args)));
    },
    setPolicy(now: Policy | null): void {
      policy = now;
      apply(tools);
    },
    /** As after the end of the agent's process: its successor on the same data root. */
    async succeed(): Promise<void> {
      await tools.shutdown({ endKeepers: false });
      tools = await open();
    },
    tools: () => tools,
    async linesOf(path: string): Promise<string[]> {
      return (await readFile(path, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
    },
    async close(): Promise<void> {
      await tools.shutdown({ endKeepers: true });
      await waitFor(async () => (await processesBelow(temp.dir)).length === 0);
      await temp.remove();
    },
  };
}

export function requestOf(tool: string, args: object, approval?: string): ToolCallRequest {
  const given = approval === undefined ? null : { id: "ap_1", digest: approval };
  return { tool, arguments: { ...args }, runId: "rn_1", approval: given };
}

export function doneOf(answer: ToolCallAnswer): ToolResult {
  if (answer.state !== "done") throw new Error(JSON.stringify(answer));
  return answer.result;
}

/** The keeper of a call, by its record. */
export async function keeperOf(house: House, id: string): Promise<{ pid: number; child: number | undefined }> {
  const path = join(house.root.effectsDir, id, "keeper.json");
  let record: { keeperPid: number; keeperStartTime: number; child: { pid: number } | null } | undefined;
  await waitFor(async () => {
    record = JSON.parse(await readFile(path, "utf8").catch(() => "null")) ?? undefined;
    if (!record?.child) return false;
    return isSameProcess(record.keeperPid, record.keeperStartTime);
  });
  return { pid: record!.keeperPid, child: record!.child?.pid };
}

export function effectsOf(house: House): Promise<string[]> {
  return readdir(house.root.effectsDir);
}
