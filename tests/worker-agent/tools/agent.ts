/** A real agent process on a data root of its own, joined to a gateway that the test holds: killed and started again at will. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { encodeJoinToken } from "@roundhouse/protocol/join-token";
import { newSecret } from "@roundhouse/protocol/ids";
import type { JoinInput } from "@roundhouse/protocol/api/join";
import type { DesiredMcpServer } from "@roundhouse/protocol/mcp";
import type { Policy } from "@roundhouse/protocol/policy";
import { ToolCallAnswer, type ToolCallRequest } from "@roundhouse/protocol/tool-call";
import { processesBelow, waitFor } from "../instances/harness.ts";
import { bundle, makeTempDir } from "../keeper/build.ts";
import { type Gateway, type Peer, startGateway } from "../link/gateway.ts";
import { OPEN } from "./house.ts";

const SOURCES = join(import.meta.dirname, "../../../worker-agent/src");

export async function makeAgentHouse(args: string[] = []) {
  const temp = await makeTempDir("rh-agent-");
  await chmod(temp.dir, 0o711);
  const program = await bundle(join(SOURCES, "main.ts"), join(temp.dir, "agent.mjs"));
  await bundle(join(SOURCES, "keeper/main.ts"), join(temp.dir, "keeper.mjs"));
  await bundle(join(SOURCES, "tools/program/main.ts"), join(temp.dir, "tool.mjs"));
  const data = join(temp.dir, "data");
  const gateway = await startGateway();
  const joins = answerJoins(gateway);
  const token = encodeJoinToken({ url: gateway.url, secret: newSecret("joinToken") });
  let agent: ChildProcess | undefined;
  let peer: Peer | undefined;
  let stream = 0;
  let policy: Policy = OPEN;
  let mcpServers: DesiredMcpServer[] = [];
  let output = "";

  async function start(given = ["--token", token, "--data", data, "--platform", "local", ...args]): Promise<void> {
    const started = spawn(process.execPath, [program, ...given], { stdio: ["ignore", "pipe", "pipe"] });
    for (const each of [started.stdout, started.stderr])
      each.on("data", (chunk: Buffer) => (output += chunk.toString()));
    agent = started;
    peer = await gateway.peer();
    await peer.welcome();
    stream = 0;
    peer.send({
      type: "control.desired",
      portPool: { first: 19_001, last: 19_020 },
      instances: [],
      policy,
      providers: [],
      mcpServers,
    });
  }

  async function kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const ended = once(agent!, "exit");
    agent!.kill(signal);
    await ended;
  }

  /** Sends a call without waiting for its answer, which the function given back does. */
  function send(method: string, id: string, body?: ToolCallRequest, waitMs = 20_000): () => Promise<ToolCallAnswer> {
    const [to, number] = [peer!, (stream += 1)];
    to.open("agent", { method, path: `/tools/calls/${id}?waitMs=${waitMs}`, hasBody: body !== undefined }, number);
    if (body) {
      to.data(JSON.stringify(body), number);
      to.frame({ type: "end", stream: number });
    }
    return async () => ToolCallAnswer.parse(JSON.parse((await to.answer(number)).body));
  }

  return {
    ...{ data, joins, start, kill, send },
    workspace: join(data, "workspace"),
    output: () => output,
    /** Of the next start. */
    setMcpServers: (now: DesiredMcpServer[]) => (mcpServers = now),
    setPolicy: (now: Policy) => (policy = now),
    close,
  };

  async function close(): Promise<void> {
    if (agent?.exitCode === null && agent.signalCode === null) await kill("SIGUSR2");
    await waitFor(async () => (await processesBelow(temp.dir)).length === 0);
    await temp.remove();
  }
}

/** What machines sent that joined. */
function answerJoins(gateway: Gateway): JoinInput[] {
  const joins: JoinInput[] = [];
  gateway.server.on("request", async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    joins.push(JSON.parse(Buffer.concat(parts).toString()) as JoinInput);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ id: "nd_1", name: "box", url: gateway.url }));
  });
  return joins;
}
