/** How long a machine takes into the pool: by the command that a person pastes, and from the dial alone. */
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { NewJoinToken } from "@roundhouse/protocol/api/join";
import { packAgent } from "../../../scripts/pack.ts";
import { type House, openHouse } from "../../e2e/house.ts";
import { until } from "../../e2e/until.ts";
import { within } from "../goals.ts";
import { Links } from "../links.ts";
import type { Trial } from "../measure.ts";
import { Program } from "../ways/program.ts";

const NAME = "joins-warm";

export const warmJoin: Trial = {
  name: "join",
  rows: {
    command: { title: "npx worker-agent (package present) → node online", unit: "s", goal: within({ atMost: 3 }, "s") },
    dial: { title: "dial → node shown online", unit: "s", goal: within({ atMost: 1 }, "s") },
  },
  measure: async ({ temp, later }) => {
    const project = await installAgent(temp);
    const house = await openHouse();
    later.defer(() => house.close());
    return { command: await joinByCommand(house, project, later), dial: await joinByDial(house, later) };
  },
};

/** The packed agent in a folder of its own, where npx finds it. */
async function installAgent(temp: string): Promise<string> {
  const project = join(temp, "agent");
  await mkdir(project, { recursive: true });
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", project];
  await promisify(execFile)("npm", ["install", ...options, await packAgent(project)]);
  return project;
}

async function joinByCommand(house: House, project: string, later: AsyncDisposableStack): Promise<number> {
  const { token } = await house.api.post<NewJoinToken>("/api/join-tokens");
  const begin = performance.now();
  const serve = ["--token", token, "--name", NAME, "--data", join(project, `data-${house.port}`)];
  const agent = new Program("worker-agent", "npx", ["--no-install", "--prefix", project, "worker-agent", ...serve]);
  later.defer(() => agent.end());
  await untilOnline(house, ({ name }) => name === NAME, agent);
  return (performance.now() - begin) / 1000;
}

async function joinByDial(house: House, later: AsyncDisposableStack): Promise<number> {
  const { token } = await house.api.post<NewJoinToken>("/api/join-tokens");
  const nodes = new Links({ url: `http://127.0.0.1:${house.port}`, token }, { count: 1, processes: 1 });
  later.defer(() => nodes.end());
  const dialled = (await until("a node dials", () => nodes.firstDialled)).value;
  await untilOnline(house, ({ id }) => id === dialled.node);
  return (performance.now() - dialled.at) / 1000;
}

async function untilOnline(
  house: House,
  is: (node: { id: string; name: string }) => boolean,
  agent?: Program,
): Promise<void> {
  const isOnline = async () => (await house.api.nodes()).some((node) => is(node) && node.status === "online");
  await until("the node is online", isOnline, { limitMs: 30_000, seen: () => agent?.output ?? "" });
}
