/** MCP servers as processes of the node: started, known, ended (SPEC MC1–MC5). */
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { waitFor } from "../instances/harness.ts";
import { createGateway, type GatewayDeps } from "../../../worker-agent/src/mcp/gateway.ts";
import { isAlive, makeHouse, wish } from "./house.ts";
import { tool } from "./support.ts";

type Self = { pid: number; uid: number; gid: number; cwd: string; args: string[]; home: string; plain: string | null };

it("[MC2] starts with the first request, in a folder of its own, with its variables and the words for folders", async () => {
  process.env["ROUNDHOUSE_CANARY"] = "of the agent";
  const house = await makeHouse();
  const args = ["{own}", "--models={models}", "{workspace}:{datasets}"];
  house.want(wish({ args, env: [{ name: "PLAIN", value: "{models}/v {else}" }] }));
  expect(await house.status()).toEqual({
    ...{ id: "ms_1", state: "idle", reason: null, doing: null, sessions: 0, startedAt: null, tools: null },
  });
  const self = JSON.parse(await house.told("self")) as Self;
  const own = join(house.root.mcpDir, "ms_1");
  expect(self).toMatchObject({ cwd: own, plain: `${house.root.modelsDir}/v {else}`, hasAgentVariable: false });
  const { modelsDir, workspaceDir, datasetsDir } = house.root;
  expect(self.args).toEqual([own, `--models=${modelsDir}`, `${workspaceDir}:${datasetsDir}`]);
  expect(self.home.startsWith(`${own}/`)).toBe(true);
  expect(await house.status()).toMatchObject({ state: "ready", startedAt: expect.any(String) });
  delete process.env["ROUNDHOUSE_CANARY"];
});

it.runIf(process.getuid?.() === 0)("[MC2] runs as the apps' user, who owns its folder", async () => {
  const user = { uid: 65534, gid: 65534 };
  const house = await makeHouse({ user });
  const script = 'echo "I am $(id -u):$(id -g)" >&2; echo mine >owned; exit 1';
  house.want(wish({ run: { kind: "command", command: "sh", args: ["-c", script] } }));
  expect((await house.ask("/mcp/ms_1/tools")).status).toBe(502);
  expect(await house.log()).toContain("I am 65534:65534");
  const own = join(house.root.mcpDir, "ms_1");
  expect(await stat(own)).toMatchObject(user);
  expect(await readFile(join(own, "owned"), "utf8")).toBe("mine\n");
  expect((await stat(join(house.root.mcpStateDir, "ms_1"))).uid).toBe(0);
});

it("[MC1] is ended by another way to run it, and not by pins; without a wish its folder goes, too", async () => {
  const house = await makeHouse();
  house.want(wish());
  const { pid } = JSON.parse(await house.told("self")) as Self;
  house.want(wish({ pins: { self: "x" }, idleMinutes: 30, name: "renamed" }));
  expect(JSON.parse(await house.told("self"))).toMatchObject({ pid });
  house.want(wish({ args: ["other"] }));
  await waitFor(() => !isAlive(pid));
  const next = JSON.parse(await house.told("self")) as Self;
  expect(next.args).toEqual(["other"]);
  await house.told("say", { words: "for the log" });
  await house.hasLogged("for the log");
  const [own, state] = [join(house.root.mcpDir, "ms_1"), join(house.root.mcpStateDir, "ms_1")];
  expect([existsSync(own), existsSync(state)]).toEqual([true, true]);
  house.want();
  await waitFor(() => !isAlive(next.pid) && !existsSync(own) && !existsSync(state));
  const gone = await house.ask("/mcp/ms_1/tools");
  expect([gone.status, gone.headers.get("roundhouse-mcp")]).toEqual([404, "ms_1"]);
});

it("[MC1] takes away the folders of servers that were removed meanwhile, but not on the word of a control plane that names none", async () => {
  const house = await makeHouse();
  house.want(wish());
  await house.told("self");
  await house.servers.shutdown();
  const next = await house.successor();
  next.apply({ mcpServers: [], policy: null });
  await sleep(200);
  expect(await readdir(house.root.mcpDir)).toEqual(["ms_1"]);
  next.apply({ mcpServers: [wish({ id: "ms_2" })], policy: null });
  await waitFor(async () => (await readdir(house.root.mcpDir)).length === 0);
  expect(await readdir(house.root.mcpStateDir)).toEqual([]);
});

it("[MC2] ends after the minutes without a request, not while one is under way, and what it started ends with it", async () => {
  const house = await makeHouse();
  house.want(wish({ idleMinutes: 0.5 / 60 }));
  const { pid } = JSON.parse(await house.told("self")) as Self;
  const child = Number(await house.told("child"));
  const path = join(house.tempDir, "lines");
  expect(await house.told("append", { path, line: "a", waitMs: 1_500 })).toBe("appended a");
  expect([isAlive(pid), isAlive(child)]).toEqual([true, true]);
  await house.until("idle");
  await waitFor(() => !isAlive(pid) && !isAlive(child));
  expect(existsSync(join(house.root.mcpDir, "ms_1"))).toBe(true);
});

it("[MC2] is stopped by word, also where it heeds neither the end of its input nor SIGTERM", async () => {
  const house = await makeHouse();
  house.want(wish({ args: ["--deaf", "--stays"] }));
  const { pid } = JSON.parse(await house.told("self")) as Self;
  const startMs = performance.now();
  expect((await house.ask("/mcp/ms_1/stop", { method: "POST" })).status).toBe(200);
  expect(performance.now() - startMs).toBeGreaterThan(4_500);
  expect(isAlive(pid)).toBe(false);
  expect(await house.status()).toMatchObject({ state: "idle", reason: null });
});

it("[MC2] ends with its agent in time, however deaf", async () => {
  const house = await makeHouse();
  house.want(wish({ args: ["--deaf", "--stays"] }));
  const { pid } = JSON.parse(await house.told("self")) as Self;
  const startMs = performance.now();
  await house.servers.shutdown();
  expect(performance.now() - startMs).toBeLessThan(4_000);
  expect(isAlive(pid)).toBe(false);
});

it("[MC2] one that is left by an agent that was killed is ended by the next", async () => {
  const house = await makeHouse();
  house.want(wish({ args: ["--stays"] }));
  const { pid } = JSON.parse(await house.told("self")) as Self;
  const child = Number(await house.told("child"));
  await house.successor();
  await waitFor(() => !isAlive(pid) && !isAlive(child));
});

it("[MC2] one that ends by itself has failed, says why, and is tried again by the next request", async () => {
  const house = await makeHouse();
  house.want(wish());
  const response = await house.call("exit", { words: "no room in the inn" });
  expect([response.status, response.headers.get("roundhouse-mcp")]).toEqual([502, "ms_1"]);
  const message = "It ended by itself with exit code 7: no room in the inn";
  expect(await response.json()).toMatchObject({ error: { code: "mcp_server_failed", message } });
  expect(await house.status()).toMatchObject({ state: "failed", reason: { message, hint: "Its log says more." } });
  await waitFor(() => house.changes().length > 0);
  expect(await house.told("self")).toContain("pid");
  expect(await house.status()).toMatchObject({ state: "ready", reason: null });
});

it.each([
  ["npx-of-nobody", /There is no program "npx-of-nobody" on the node/, /Install it on the node/],
  ["uvx", /There is no program "uvx"/, /Install uv/],
  ["/etc/passwd", /may not run "\/etc\/passwd"/, /See whether it is a program/],
])("[MC2] says why %s cannot be started, with what to do", async (command, message, hint) => {
  const house = await makeHouse();
  house.want(wish({ run: { kind: "command", command, args: [] } }));
  const { error } = (await (await house.ask("/mcp/ms_1/tools")).json()) as { error: Record<string, string> };
  expect(error).toMatchObject({ message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
  expect(await house.status()).toMatchObject({ state: "failed", reason: { message: error["message"] } });
});

it("what is no message goes into its log and harms nothing; one that is too long ends it", async () => {
  const house = await makeHouse();
  house.want(wish());
  expect(await house.told("strange")).toBe("wrote it");
  await house.hasLogged("── it wrote to its standard output what is no message of MCP ──\nthis is no message\n[1]\n");
  const flooded = await house.call("flood");
  expect(await flooded.json()).toMatchObject({ error: { message: "It sent a message of more than 4 MiB." } });
  expect(await house.status()).toMatchObject({ state: "failed" });
});

it("[MC5] tells of another state and of other tools, once for several, and again with each link", async () => {
  const house = await makeHouse();
  house.want(wish());
  const { digest, serverName, serverVersion } = await house.listing();
  expect([serverName, serverVersion]).toEqual(["fixture", "1.2.3"]);
  await waitFor(() => house.changes().some(({ tools }) => tools === digest));
  expect(house.changes().length).toBeLessThanOrEqual(2);
  expect((await house.status()).tools).toBe(digest);
  const before = house.changes().length;
  house.servers.linked();
  expect(house.changes().slice(before)).toEqual([{ type: "agent.mcp_changed", server: "ms_1", tools: digest }]);
  house.state.isLinked = false;
  await house.ask("/mcp/ms_1/stop", { method: "POST" });
  await sleep(400);
  house.state.isLinked = true;
  house.servers.linked();
  expect(house.changes()).toHaveLength(before + 2);
});

it("[MC5] of lists that are seen at once the last counts, and none of a server that was ended for another", async () => {
  const made: GatewayDeps[] = [];
  const gateway = (deps: GatewayDeps) => {
    made.push(deps);
    return createGateway(deps);
  };
  const house = await makeHouse({ gateway });
  house.want(wish());
  await house.listing();
  const many = Array.from({ length: 400 }, (_, at) => tool(`t${at}`, "x".repeat(20_000)));
  const seen = () =>
    house.servers
      .find("ms_1")
      ?.seen()
      ?.tools.map(({ name }) => name);
  made[0]?.onTools(many);
  made[0]?.onTools([tool("last")]);
  await sleep(500);
  expect(seen()).toEqual(["last"]);
  made[0]?.onTools([tool("late")]);
  house.want(wish({ args: ["other"] }));
  made[0]?.onTools([tool("later")]);
  await sleep(100);
  expect(seen()).toBeUndefined();
});

it("[MC5] why a tool cannot be approved is in its log", async () => {
  const house = await makeHouse({
    gateway: (deps) => {
      deps.note?.("tool x cannot be approved");
      return createGateway(deps);
    },
  });
  house.want(wish());
  await house.listing();
  await house.hasLogged("tool x cannot be approved");
});

it("[MC2] its log is read by pages, and followed", async () => {
  const house = await makeHouse();
  house.want(wish());
  await house.told("say", { words: "good day" });
  await house.hasLogged("good day");
  const page = await (await house.ask("/mcp/ms_1/logs?offset=5")).json();
  expect(page).toEqual({ content: "day\n", offset: 5, size: 9, next: 9 });
  const stop = new AbortController();
  const feed = house.services.feed(new URL("http://agent/mcp/ms_1/logs?offset=0"), stop.signal);
  const got: string[] = [];
  for await (const message of feed ?? []) {
    got.push(typeof message === "string" ? message : new TextDecoder().decode(message));
    if (got.length === 2) stop.abort();
  }
  expect(got).toEqual(['{"offset":0}', "good day\n"]);
  expect(house.services.feed(new URL("http://agent/mcp/ms_9/logs"), stop.signal)).toBeUndefined();
});

it("[MC7] a policy that denies holds for a person's try, too", async () => {
  const house = await makeHouse();
  house.state.policy = { default: "allow", execCommand: true, rules: [{ tool: "fixture/s*", decision: "deny" }] };
  house.want(wish());
  const { outcome } = (await (await house.call("self")).json()) as { outcome: unknown };
  expect(outcome).toMatchObject({ is: "error", message: expect.stringMatching(/does not allow.*fixture\/s\*/) });
  expect(await house.told("variable", { name: "HOME" })).toContain("ms_1");
});
