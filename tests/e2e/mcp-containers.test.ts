/** MCP servers that are containers, on a real engine: spoken to over a pipe, with the least that serves, and gone with their channel. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { McpRun } from "@roundhouse/protocol/mcp";
import { listProcesses } from "../../worker-agent/src/host/processes.ts";
import { atEnd, makeHouse, wish } from "../worker-agent/mcp/house.ts";
import { Engine } from "./docker.ts";
import { until } from "./until.ts";

const IMAGE = "busybox-of-mcp:1";
const PROGRAM = join(import.meta.dirname, "../../worker-agent/dist/container.mjs");
const CANARY = "canary-of-a-container-0123456789";

/** An MCP server for a shell that has nothing but busybox. */
const SERVER = `
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\\n' "$1" "$2"; }
say() { printf '{"content":[{"type":"text","text":"%s"}]}' "$1"; }
echo "begun as $(id -u) with $TOKEN" >&2
while read -r line; do
  id=$(printf '%s' "$line" | busybox sed -n 's/.*"id":\\("[^"]*"\\|[0-9]*\\).*/\\1/p')
  case "$line" in
    *'"initialize"'*) answer "$id" '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}' ;;
    *'"tools/list"'*) answer "$id" '{"tools":[{"name":"look","inputSchema":{"type":"object"}},{"name":"leave","inputSchema":{"type":"object"}}]}' ;;
    *'"look"'*) answer "$id" "$(say "$(echo $(ls /data /work)) $PLAIN $1")" ;;
    *'"leave"'*) exit 3 ;;
  esac
done
`;

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.open();
  await engine.importBusybox(IMAGE);
  process.env["DOCKER_HOST"] = engine.settings["DOCKER_HOST"];
});
afterAll(async () => {
  delete process.env["DOCKER_HOST"];
  await engine?.close();
});

function runOf(changes: Partial<Extract<McpRun, { kind: "container" }>> = {}): McpRun {
  return {
    kind: "container",
    image: IMAGE,
    args: ["sh", "-c", SERVER, "sh", "{workspace}"],
    mounts: [
      { from: "./data", to: "/data", readonly: false },
      { from: "workspace", to: "/work", readonly: true },
    ],
    network: false,
    writable: false,
    pids: 64,
    pull: "missing",
    ...changes,
  };
}

const containers = async () => {
  const all = await engine.client.listContainers({ all: true });
  return Promise.all(all.map(({ Id }) => engine.client.getContainer(Id).inspect()));
};
const nothingIsLeft = () => until("nothing is left", async () => (await engine.leftovers()).length === 0);

test("[MC1][CT4][CT5] speaks from its container, which has the least that serves, and goes with it", async () => {
  const house = await makeHouse({ containerProgram: PROGRAM });
  house.state.secrets = { VAULT: CANARY };
  const env = [
    { name: "PLAIN", value: "v" },
    { name: "TOKEN", secret: "VAULT" },
  ];
  await writeFile(join(house.root.workspaceDir, "note"), "");
  await mkdir(join(house.root.mcpDir, "ms_1/data"), { recursive: true });
  await writeFile(join(house.root.mcpDir, "ms_1/data/kept"), "");
  house.want(wish({ env, run: runOf({ memory: "32MiB" }) }));
  const told = await house.told("look");
  expect(told.split(/\s+/)).toEqual(["/data:", "kept", "/work:", "note", "v", "/work"]);
  const [found, ...others] = await containers();
  expect(others).toEqual([]);
  expect(found?.HostConfig).toMatchObject({
    ...{ NetworkMode: "none", ReadonlyRootfs: true, CapDrop: ["ALL"], PidsLimit: 64, Memory: 32 * 1024 ** 2 },
    ...{ LogConfig: { Type: "none" }, SecurityOpt: ["no-new-privileges:true"] },
  });
  expect(found?.Mounts.map(({ Destination, RW }) => [Destination, RW]).toSorted()).toEqual([
    ["/data", true],
    ["/work", false],
  ]);
  const [label, ...rest] = house.servers.heldContainers();
  expect([found?.Config.Labels["dev.roundhouse.instance"], rest]).toEqual([label, []]);
  await house.hasLogged("begun as 0 with [secret]");
  await expectNowhere(house.root.path);
  expect((await house.ask("/mcp/ms_1/stop", { method: "POST" })).status).toBe(200);
  await nothingIsLeft();
  expect(house.servers.heldContainers()).toEqual([]);
  expect(await readdir(join(house.root.mcpStateDir, "ms_1"))).toEqual(["logs"]);
});

/** The secret: in no file of the data root, and in no argument of any process. */
async function expectNowhere(root: string): Promise<void> {
  for (const name of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (name.isFile()) expect(await readFile(join(name.parentPath, name.name), "utf8")).not.toContain(CANARY);
  }
  for (const { pid } of await listProcesses()) {
    expect(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).not.toContain(CANARY);
  }
}

test("[MC2] one that ends by itself has failed, and leaves nothing; the next request makes another", async () => {
  const house = await makeHouse({ containerProgram: PROGRAM });
  house.want(wish({ run: runOf() }));
  expect(await house.told("look")).toContain("/work");
  expect((await house.call("leave")).status).toBe(502);
  await house.until("failed");
  expect((await house.status()).reason?.message).toMatch(/^It ended by itself with exit code 3/);
  await nothingIsLeft();
  expect(await house.told("look")).toContain("/work");
});

test("[MC2] one that heeds nothing, or whose agent was killed, is ended with its container", async () => {
  const house = await makeHouse({ containerProgram: PROGRAM });
  const deaf = { args: ["sh", "-c", `trap '' TERM; ${SERVER} while true; do sleep 1; done`, "sh"] };
  house.want(wish({ run: runOf(deaf) }));
  expect(await house.told("look")).toContain("/work");
  await house.successor();
  await nothingIsLeft();
  await house.until("failed");
  expect(await house.told("look")).toContain("/work");
  await house.ask("/mcp/ms_1/stop", { method: "POST" });
  await nothingIsLeft();
});

test("[MC2] says why it cannot be had: an image, a mount, an engine", async () => {
  const house = await makeHouse({ containerProgram: PROGRAM });
  const reason = async () =>
    ((await (await house.ask("/mcp/ms_1/tools")).json()) as { error: { message: string } }).error.message;
  house.want(wish({ run: runOf({ image: "127.0.0.1:1/nobody:1" }) }));
  expect(await reason()).toMatch(/the image 127\.0\.0\.1:1\/nobody:1 could not be pulled/);
  house.want(wish({ run: runOf({ mounts: [{ from: "/srv", to: "/srv", readonly: true }] }) }));
  expect(await reason()).toMatch(/argument "\{workspace\}" names \{workspace\}, which is not mounted/);
  house.want(wish({ run: runOf({ args: [], mounts: [{ from: "/srv", to: "/srv", readonly: true }] }) }));
  expect(await reason()).toMatch(/"\/srv" cannot be mounted: the owner of the node has not allowed that folder/);
  const docker = process.env["DOCKER_HOST"];
  process.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
  expect(await reason()).toMatch(/no Docker engine: there is no Docker socket at \/nowhere/);
  process.env["DOCKER_HOST"] = docker;
  expect(await engine.leftovers()).toEqual([]);
});

test("[MC2] tells that an image is being pulled, and can be stopped meanwhile", async () => {
  const registry = createServer(() => undefined);
  await new Promise<void>((done) => registry.listen(0, "127.0.0.1", done));
  atEnd(() => {
    registry.closeAllConnections();
    registry.close();
  });
  const image = `127.0.0.1:${(registry.address() as AddressInfo).port}/slow:1`;
  const house = await makeHouse({ containerProgram: PROGRAM });
  house.want(wish({ run: runOf({ image }) }));
  const asked = house.ask("/mcp/ms_1/tools");
  await until("it pulls", async () => (await house.status()).doing === `pulling ${image}`);
  expect(await house.status()).toMatchObject({ state: "starting", reason: null });
  await house.ask("/mcp/ms_1/stop", { method: "POST" });
  expect((await asked).status).toBe(502);
  await house.until("idle");
  await nothingIsLeft();
});
