/** Secrets of MCP servers: asked for at each start, and found in the server alone (SPEC MC3, EV3, EV4). */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { atEnd, type House, makeHouse, wish } from "./house.ts";

const CANARY = "canary-of-a-server-0123456789";
const env = [{ name: "TOKEN", secret: "VAULT" }];

const asked = (house: House) => house.sent.filter(({ type }) => type === "agent.need_secrets").length;
const restart = (house: House) => house.ask("/mcp/ms_1/stop", { method: "POST" });
async function refusal(house: House): Promise<{ message: string; hint?: string }> {
  const response = await house.ask("/mcp/ms_1/tools");
  expect(response.status).toBe(502);
  return ((await response.json()) as { error: { message: string; hint?: string } }).error;
}

it("[MC3] a value is in the environment, and in no argument, log, answer or reason", async () => {
  const house = await makeHouse();
  house.state.secrets = { VAULT: CANARY };
  house.want(wish({ env }));
  const { pid } = JSON.parse(await house.told("self")) as { pid: number };
  expect(await readFile(`/proc/${pid}/environ`, "utf8")).toContain(`TOKEN=${CANARY}`);
  expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain(CANARY);
  expect(await house.told("variable", { name: "TOKEN" })).toBe("[secret]");
  await house.told("say", { words: `my token is ${CANARY}, in base64 ${btoa(CANARY)}` });
  await house.call("exit", { words: `bad token ${CANARY}` });
  expect(await house.log()).toBe("my token is [secret], in base64 [secret]\nbad token [secret]\n");
  expect(JSON.stringify([await house.status(), house.lines])).not.toContain(CANARY);
  expect((await house.status()).reason?.message).toContain("bad token [secret]");
});

it("[MC3][EV4] is asked for at each start, once for those that start together", async () => {
  const house = await makeHouse();
  house.state.secrets = { VAULT: "first-value" };
  house.want(wish({ env }));
  const environment = async () => {
    const { pid } = JSON.parse(await house.told("self")) as { pid: number };
    return readFile(`/proc/${pid}/environ`, "utf8");
  };
  expect(await environment()).toContain("TOKEN=first-value");
  expect(asked(house)).toBe(1);
  house.state.secrets = { VAULT: "second-value" };
  expect(await environment()).toContain("TOKEN=first-value");
  await restart(house);
  expect(await environment()).toContain("TOKEN=second-value");
  expect(asked(house)).toBe(2);
  // While nobody can be asked, those of the start before serve, if they are of the same secrets.
  await restart(house);
  house.state.isLinked = false;
  expect(await environment()).toContain("TOKEN=second-value");
  house.want(wish({ env: [...env, { name: "OTHER", secret: "ELSE" }] }));
  expect((await refusal(house)).message).toMatch(/the link to the control plane is down/);
});

it("[MC3] a value stays out of what a process says that began with it, also after it was changed", async () => {
  const house = await makeHouse();
  house.state.secrets = { VAULT: CANARY };
  house.want(wish({ env }));
  expect(await house.told("variable", { name: "TOKEN" })).toBe("[secret]");
  house.state.secrets = { VAULT: "another-value-0123456789" };
  const initialize = {
    ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
  };
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  await (await house.ask("/mcp/ms_1", { method: "POST", headers, body: JSON.stringify(initialize) })).text();
  expect(asked(house)).toBe(2);
  expect(await house.told("variable", { name: "TOKEN" })).toBe("[secret]");
});

it("[MC3] what is refused, or does not come, is the reason", async () => {
  const house = await makeHouse({ secretsLimitMs: 300 });
  house.want(wish({ env }));
  expect(await refusal(house)).toMatchObject({ message: expect.stringMatching(/did not tell .* within 0.3 s/) });
  house.state.refused = { message: "The secret VAULT is gone.", hint: "Make it again." };
  expect(await refusal(house)).toEqual({ code: "mcp_server_failed", ...house.state.refused });
  expect(await house.status()).toMatchObject({ state: "failed", reason: house.state.refused });
  house.state.refused = null;
  house.state.secrets = { VAULT: "with\0nul" };
  expect((await refusal(house)).message).toMatch(/holds a NUL/);
  house.state.secrets = {};
  expect((await refusal(house)).message).toMatch(/did not tell the value of the secret "VAULT"/);
});

it("[MC3] a question that met the end of a link is asked again with the next", async () => {
  const house = await makeHouse();
  house.want(wish({ env }));
  const told = house.told("self");
  await new Promise((done) => setTimeout(done, 100));
  house.state.secrets = { VAULT: CANARY };
  house.want(wish({ env }));
  expect(await told).toContain("pid");
});

it("[MC3] goes to a server of Streamable HTTP in the headers that it names", async () => {
  const got: (string | undefined)[] = [];
  const http = createServer((request, response) => {
    got.push(request.headers.authorization, request.url);
    response.setHeader("content-type", "application/json");
    response.end('{"jsonrpc":"2.0","id":1,"result":{}}');
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  atEnd(() => http.close());
  const { port } = http.address() as AddressInfo;
  const house = await makeHouse();
  house.state.secrets = { VAULT: `Bearer ${CANARY}` };
  const run = {
    kind: "http",
    port,
    path: "//elsewhere/mcp",
    transport: "streamable",
    headers: { Authorization: "TOKEN" },
  } as const;
  house.want(wish({ env, run }));
  const ping = () => {
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    return house.ask("/mcp/ms_1", { method: "POST", headers, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' });
  };
  await house.ask("/mcp/ms_1", { method: "POST", body: "no message" });
  expect(await house.status()).toMatchObject({ state: "idle" });
  expect((await ping()).headers.get("roundhouse-mcp")).toBe("ms_1");
  expect(got).toEqual([`Bearer ${CANARY}`, "//elsewhere/mcp"]);
  expect(await house.status()).toMatchObject({ state: "ready" });
  http.close();
  http.closeAllConnections();
  house.state.secrets = { VAULT: "two\nlines" };
  await restart(house);
  expect((await ping()).status).toBe(502);
  expect((await house.status()).reason?.message).toMatch(/holds what no header can/);
});
