/** Containers as instances: a real engine, what they are given and what not, and what is left of them. */
import { execFileSync } from "node:child_process";
import { chmodSync, statSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { startsAll } from "./blueprints.ts";
import { openBrowser, signIn } from "./browser.ts";
import { Engine } from "./docker.ts";
import { type Cards, makeCards } from "./gpus.ts";
import { type House, openHouse } from "./house.ts";
import { ask } from "./http.ts";
import { isAlive, killHard } from "./processes.ts";
import { LOGIN, Registry } from "./registry.ts";
import { type Traces, tracesOf } from "./traces.ts";
import { until } from "./until.ts";
import { followUsage } from "./usage-follower.ts";

const IMAGE = "busybox-of-tests:1";
const MIB = 1024 ** 2;
const SERVE = "echo serving as $(id -u); exec httpd -f -p 8080 -h /data";

/** CONTAINER_ROUNDS=100 finds what is left seldom, in some minutes. */
const ROUNDS = Number(process.env["CONTAINER_ROUNDS"] ?? 5);

let engine: Engine;
let cards: Cards;
let house: House;
let web: Instance;

beforeAll(async () => {
  engine = await Engine.open();
  await engine.importBusybox(IMAGE);
  cards = await makeCards(1);
  house = await openHouse(undefined, { ...engine.settings, ...cards.settings });
  await house.api.post("/api/secrets", { name: "PASSPHRASE", value: "canary-in-a-container" });
  await addBlueprint("web", { command: ["sh", "-c", `echo "$GREETING $TOKEN" >/data/index.html; ${SERVE}`] });
  const env = [
    { name: "GREETING", value: "good day" },
    { name: "TOKEN", secret: "PASSPHRASE" },
  ];
  web = await house.api.install({ name: "web", blueprint: "web", env });
});
afterAll(async () => {
  await house?.close();
  await engine?.close();
  await cards?.remove();
});

/** JSON is YAML. */
async function addBlueprint(name: string, changes: Record<string, unknown>): Promise<void> {
  const usual = { image: IMAGE, port: 8080, ready: "http", mounts: [{ from: "./data", to: "/data" }], memory: "64MiB" };
  await house.api.post("/api/blueprints", {
    name,
    kind: "container",
    source: JSON.stringify({ ...usual, ...changes }),
  });
}

async function page(instance: Instance): Promise<string> {
  const headers = { Cookie: await house.api.grantFor(instance.id) };
  const { hostname } = new URL(instance.url);
  return (await ask({ port: house.port, host: hostname, path: "/index.html", headers })).text;
}

const inspect = async (instance: Instance) => {
  const all = await engine.client.listContainers({ all: true });
  const found = all.find(({ Names }) => Names[0]?.includes(instance.id));
  return found && engine.client.getContainer(found.Id).inspect();
};

const instances = () => `${house.nodeData}/instances`;

/** The command lines that run in a container. */
async function commandsIn(instance: Instance): Promise<string[]> {
  const found = await inspect(instance);
  const { Titles, Processes } = await engine.client.getContainer(found?.Id ?? "").top();
  return Processes.map((one: string[]) => one[Titles.indexOf("CMD")] ?? "");
}

test("a container is an instance: its page, its log without its secret, its variables", async () => {
  expect(await page(web)).toBe("good day canary-in-a-container\n");
  const log = await house.api.log(web.id);
  expect(log).toContain("serving as 0");
  expect(log).not.toContain("canary-in-a-container");
});

test("it has the least that serves", async () => {
  const { HostConfig: host } = (await inspect(web))!;
  expect(host).toMatchObject({
    Privileged: false,
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges:true"],
    Memory: 64 * 1024 ** 2,
    MemorySwap: 64 * 1024 ** 2,
    PidsLimit: 512,
    PidMode: "",
    RestartPolicy: { Name: "no" },
  });
  expect(host.Devices ?? []).toEqual([]);
  expect(host.Mounts?.map(({ Source, Target }) => [Source, Target])).toEqual([
    [`${house.nodeData}/instances/web/data`, "/data"],
  ]);
});

test("what it takes is what its container takes: processors, memory, and memory of a card", async () => {
  const holds = `busybox head -c ${24 * MIB} /dev/zero >/tmp/held; while :; do :; done`;
  await addBlueprint("busy", { port: null, ready: "listening", mounts: [], command: ["sh", "-c", holds] });
  const busy = await house.api.install({ name: "busy", blueprint: "busy" });
  await cards.hold((await inspect(busy))?.State.Pid ?? 0, 512);
  const usage = followUsage(house, busy.node);
  try {
    const isTold = () => {
      const { cpuPercent, memoryBytes = 0, gpuMemoryBytes } = usage.of(busy.id) ?? {};
      // Less than its holder has.
      const isItsOwn = memoryBytes >= 24 * MIB && memoryBytes < 40 * MIB;
      return isItsOwn && (cpuPercent ?? 0) > 2 && gpuMemoryBytes === 512 * MIB;
    };
    await until("its use is told", isTold, { limitMs: 60_000, seen: () => JSON.stringify(usage.of(busy.id)) });
    expect(usage.of(web.id)?.gpuMemoryBytes).toBe(0);
  } finally {
    usage.close();
  }
  const measures = () => house.processes().some(({ command }) => / usage \S+ \S+$/.test(command));
  await until("nobody measures for nobody", () => !measures(), { limitMs: 30_000 });
  await house.api.remove(busy.id);
});

test("it reaches nobody without a network, and with one it does", async () => {
  // What listens on this host is an outside for it; the address is the host's own on no network of the engine.
  const server = createServer((_, answer) => answer.end("here")).listen(0, "0.0.0.0");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === "IPv4" && !one.internal && !one.address.startsWith("172."))?.address;
  const command = [
    "sh",
    "-c",
    `echo asked: $(printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 ${outside} ${port} | tail -n 1); ${SERVE}`,
  ];
  for (const [name, network, seen] of [
    ["lonely", false, "asked:\n"],
    ["social", true, "asked: here"],
  ] as const) {
    await addBlueprint(name, { command, network });
    const made = await house.api.install({ name, blueprint: name });
    expect(await house.api.log(made.id)).toContain(seen);
    await house.api.remove(made.id);
  }
  server.close();
});

test("what a root container leaves in its folder is out of reach for the apps of its node", async () => {
  const roots = "busybox chown 0:0 /data/id && busybox chmod 6755 /data/id";
  await addBlueprint("rooted", { command: ["sh", "-c", `[ ! -e /data/id ] || { ${roots}; }; ${SERVE}`] });
  const rooted = await house.api.install({ name: "rooted", blueprint: "rooted" });
  const file = { put: `${instances()}/rooted/data/id`, copied: `${instances()}/copied/data/id` };
  execFileSync("cp", ["/usr/bin/id", file.put]);
  await house.api.stop(rooted.id);
  await house.api.untilStatus(rooted.id, "stopped");
  await house.api.start(rooted.id);
  await house.api.untilStatus(rooted.id, "started");
  const running = await house.api.post<Instance>(`/api/instances/${rooted.id}/copy`, { name: "of one that runs" });
  const { value } = await house.api.untilStatus(running.id, "error");
  expect(value.reason).toMatchObject({ code: "copy_failed", message: expect.stringContaining("it runs") });
  await house.api.stop(rooted.id);
  await house.api.untilStatus(rooted.id, "stopped");
  const copied = await house.api.post<Instance>(`/api/instances/${rooted.id}/copy`, { name: "copied" });
  await house.api.untilStatus(copied.id, "stopped");

  await house.api.addBlueprint("curious", startsAll(Object.values(file)));
  const curious = await house.api.install({ name: "curious", blueprint: "curious" });
  for (const path of Object.values(file)) {
    expect(statSync(path)).toMatchObject({ uid: 0, mode: 0o106755 });
    expect(await house.api.log(curious.id)).toContain(`${path}: Permission denied`);
  }
  // With the folder open it would have been root: that is what the app lacks.
  chmodSync(`${instances()}/rooted`, 0o755);
  await house.api.post(`/api/instances/${curious.id}/restart`);
  await until("it is root", async () => /^as 0$/m.test(await house.api.log(curious.id)), { limitMs: 20_000 });
  for (const { id } of [running, copied, rooted, curious]) await house.api.remove(id);
});

test("where others reach what it writes, it runs as the apps do, or not at all", async () => {
  const leaves = "busybox cp /bin/busybox /out/left; busybox chmod 6755 /out/left; echo of $(id -u) $(id -G)";
  const shares = (changes: object) => ({
    ...{ port: null, ready: "listening", command: ["sh", "-c", `${leaves}; sleep 1000`] },
    ...changes,
  });
  const writes = { mounts: [{ from: "outputs", to: "/out" }] };
  await addBlueprint("sharing", shares(writes));
  const sharing = await house.api.install({ name: "sharing", blueprint: "sharing" });
  expect(await house.api.log(sharing.id)).toContain("of 65534 65534\n");
  expect(statSync(`${house.nodeData}/outputs/sharing/left`)).toMatchObject({ uid: 65534, gid: 65534 });
  const reads = { mounts: [{ from: "models", to: "/out", readonly: true }] };
  await addBlueprint("reading", shares(reads));
  const reading = await house.api.install({ name: "reading", blueprint: "reading" });
  expect(await house.api.log(reading.id)).toMatch(/Read-only file system[\s\S]*of 0 /);
  await addBlueprint("insisting", shares({ ...writes, user: "0" }));
  const insisting = await house.api.create({ name: "insisting", blueprint: "insisting" });
  const { value } = await house.api.untilStatus(insisting.id, "error");
  expect(value.reason).toMatchObject({ code: "mount_refused", message: expect.stringContaining(`"outputs"`) });
  for (const { id } of [sharing, reading, insisting]) await house.api.remove(id);
});

test("its terminal is a shell in it, and closed for good, nothing of it runs on", async () => {
  const browser = await openBrowser();
  try {
    await signIn(browser.page, house);
    await browser.page.goto(`${house.url}/?instance=${web.id}`);
    await browser.page.getByRole("tab", { name: "Terminal" }).click();
    const input = browser.page.getByRole("textbox", { name: /^Terminal .* of web/ });
    await input.waitFor({ state: "attached" });
    const screen = async () => (await browser.page.locator(".xterm-rows > div").allInnerTexts()).join("\n");
    await until("a prompt", async () => /[#$]\s*$/.test((await screen()).trimEnd()), {
      limitMs: 20_000,
      seen: () => "",
    });
    await input.focus();
    await browser.page.keyboard.type("cat /data/index.html; touch /x; echo end-$((40+2))\n");
    await until("what it printed", async () => (await screen()).includes("end-42"), { limitMs: 20_000 });
    expect(await screen()).toMatch(/good day[\s\S]*Read-only file system/);
    await browser.page.keyboard.type("sleep 4242\n");
    await until("it sleeps", async () => (await commandsIn(web)).some((one) => one.includes("sleep 4242")));
    const path = `/api/instances/${web.id}/terminals`;
    for (const { id } of (await house.api.get<{ items: { id: string }[] }>(path)).items) {
      await house.api.delete(`${path}/${id}`);
    }
    await until("nothing of the shell runs", async () => !(await commandsIn(web)).some((one) => /4242|-i$/.test(one)), {
      limitMs: 10_000,
    });
  } finally {
    await browser.close();
  }
});

test("an agent that is killed finds it again, and it never stopped", async () => {
  const before = await inspect(web);
  const agent = await house.agentPid();
  killHard(agent);
  await until("another agent is there", async () => (await house.agentPid().catch(() => agent)) !== agent, {
    limitMs: 20_000,
  });
  await house.untilOnline();
  await house.api.untilStatus(web.id, "started");
  expect((await inspect(web))?.State.StartedAt).toBe(before?.State.StartedAt);
});

test("an engine that is killed ends it with a reason, and it starts again when the engine is back", async () => {
  const live = await inspect(web);
  await engine.kill();
  await sleep(1_000);
  await engine.start();
  const { value } = await house.api.untilStatus(web.id, "error", 30_000);
  expect(value.reason).not.toBeNull();
  await house.api.start(web.id);
  await house.api.untilStatus(web.id, "started", 30_000);
  expect((await inspect(web))?.Id).not.toBe(live?.Id);
  expect(await engine.containers()).toHaveLength(1);
});

test("a holder that is killed leaves nothing running for the next start", async () => {
  const holder = house.processes().find(({ command }) => command.includes("/container-") && command.includes(" run "));
  killHard(holder!.pid);
  await house.api.untilStatus(web.id, "error", 20_000);
  await house.api.start(web.id);
  await house.api.untilStatus(web.id, "started", 30_000);
  expect(await engine.containers()).toHaveLength(1);
  expect(isAlive(holder!.pid)).toBe(false);
});

test.each([
  ["the whole host", { mounts: [{ from: "/", to: "/host" }] }, /the whole host/],
  ["the socket", { mounts: [{ from: "/var/run/docker.sock", to: "/s" }] }, /\/var\/run/],
  ["the processes of the host", { mounts: [{ from: "/proc", to: "/p" }] }, /\/proc/],
  ["a way up", { mounts: [{ from: "/srv/../etc", to: "/e" }] }, /"\.\." part/],
  ["the data of the agent", { mounts: [{ from: "DATA/state", to: "/d" }] }, /would show/],
  ["a folder that nobody allowed", { mounts: [{ from: "/srv", to: "/d" }] }, /has not allowed/],
])("a mount of %s is refused by name", async (name, changes, reason) => {
  const blueprint = `escape-${name.replaceAll(" ", "-")}`.slice(0, 40);
  const source = JSON.parse(JSON.stringify(changes).replaceAll("DATA", house.nodeData)) as Record<string, unknown>;
  await addBlueprint(blueprint, source);
  const made = await house.api.create({ name: blueprint, blueprint });
  const { value } = await house.api.untilStatus(made.id, "error");
  expect(value.reason).toMatchObject({ code: "mount_refused", message: expect.stringMatching(reason) });
  await house.api.remove(made.id);
});

test("a folder of its own that has become a link is refused", async () => {
  await addBlueprint("linked", {});
  const made = await house.api.create({ name: "linked", blueprint: "linked", start: false });
  const folder = `${house.nodeData}/instances/linked`;
  execFileSync("mkdir", ["-p", folder]);
  execFileSync("ln", ["-s", "/etc", `${folder}/data`]);
  await house.api.start(made.id);
  const { value } = await house.api.untilStatus(made.id, "error");
  expect(value.reason).toMatchObject({ code: "mount_refused", message: expect.stringContaining("symbolic link") });
  await house.api.remove(made.id);
});

test("one without a port counts as started once it runs", async () => {
  await addBlueprint("quiet", { port: null, ready: "listening", mounts: [], command: ["sleep", "1000"] });
  const quiet = await house.api.install({ name: "quiet", blueprint: "quiet" });
  expect((await inspect(quiet))?.HostConfig.NetworkMode).toBe("none");
  await house.api.remove(quiet.id);
});

test("what the engine refuses is told in its words", async () => {
  await addBlueprint("astray", {});
  const astray = await house.api.create({ name: "astray", blueprint: "astray" });
  const { value } = await house.api.untilStatus(astray.id, "error", 20_000);
  expect(value.reason).toMatchObject({
    code: "container_failed",
    message: expect.stringContaining("No command specified"),
  });
  await house.api.remove(astray.id);
  expect(await engine.containers()).toHaveLength(1);
});

test(
  "rounds of starting and stopping leave nothing behind: no container, rule, mount, process, or file",
  { timeout: 60_000 + ROUNDS * 20_000 },
  async () => {
    let before: Traces | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      await house.api.stop(web.id);
      await house.api.untilStatus(web.id, "stopped", 20_000);
      const left = (await engine.leftovers()).filter((name) => name.startsWith("/"));
      expect(left).toEqual([]);
      await house.api.start(web.id);
      await house.api.untilStatus(web.id, "started", 20_000);
      before ??= await tracesOf(house, engine);
    }
    expect(await tracesOf(house, engine)).toEqual(before);
    await house.api.remove(web.id);
    expect(await engine.containers()).toEqual([]);
  },
);

test("an image is pulled from a registry, with a login that nobody sees, and what cannot be pulled says why", async () => {
  const registry = await Registry.open();
  try {
    const image = `${registry.host}/team/app:1`;
    await engine.importBusybox("to-be-moved:1");
    await engine.moveTo("to-be-moved:1", image, LOGIN);
    await house.api.post("/api/secrets", { name: "REGISTRY", value: LOGIN.password });
    const names = { username: "REGISTRY_USER", password: "REGISTRY_PASSWORD" };
    await addBlueprint("pulled", { image, registry: names, command: ["sh", "-c", `env; ${SERVE}`] });
    const refused = await house.api.create({ name: "refused", blueprint: "pulled" });
    const { value } = await house.api.untilStatus(refused.id, "error", 30_000);
    expect(value.reason).toMatchObject({ code: "image_unavailable", message: expect.stringContaining(image) });
    const env = [
      { name: names.username, value: LOGIN.username },
      { name: names.password, secret: "REGISTRY" },
    ];
    const pulled = await house.api.install({ name: "pulled", blueprint: "pulled", env });
    const log = await house.api.log(pulled.id);
    expect(log).toContain(`pulled ${image}`);
    expect(log).not.toMatch(/REGISTRY_|a password/);
    await house.api.post(`/api/instances/${pulled.id}/update`);
    const pulls = async () => (await house.api.log(pulled.id)).split(`pulled ${image}`).length - 1;
    await until("its update pulled it anew", async () => (await pulls()) === 2, { limitMs: 30_000 });
    for (const { id } of [refused, pulled]) await house.api.remove(id);
  } finally {
    await registry.close();
  }
});

test("when the node ends, the engine and the firewall are as they were", async () => {
  const rules = () => execFileSync("iptables-save", { encoding: "utf8" });
  expect(rules()).toContain("-i rh-");
  await house.interrupt();
  expect(await engine.leftovers()).toEqual([]);
  expect(rules()).not.toContain("-i rh-");
});
