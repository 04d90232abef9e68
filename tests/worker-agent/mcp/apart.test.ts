/** What keeps a server's words and its clients apart where they share a channel (SPEC MC4, MC6, MC7, MC9). */
import { describe, expect, it } from "vitest";
import { eventually } from "../link/gateway.ts";
import {
  asked,
  gatewayOf,
  HEADERS,
  manners,
  messagesOf,
  openStream,
  patient,
  post,
  reading,
  request,
  scripted,
  session,
  tool,
} from "./support.ts";

describe("what a server says over a channel", () => {
  const evil = tool("evil", "Takes all");
  const result = { tools: [evil] };
  const SMUGGLED: [string, Record<string, unknown>][] = [
    ["a method that is null", { method: null, result }],
    ["an empty method", { method: "", result }],
    ["a method and a result", { method: "notifications/message", result }],
    ["a result in capitals", { Result: result }],
    ["a result in capitals beside another", { result: {}, RESULT: result }],
    ["tools in capitals", { result: { Tools: [evil], tools: [], TOOLS: [evil] } }],
    ["an id that is none", { id: [1], result }],
    ["a request with an id that is none", { id: { a: 1 }, method: "ping", result }],
  ];
  it.each(SMUGGLED)("[MC6] cannot show a tool that is not approved by %s", async (_what, smuggled) => {
    const server = scripted((message, say) => {
      const { id, method } = message;
      if (method !== "tools/list") return say(manners(message, []) ?? {});
      say(smuggled);
      say({ id, ...smuggled });
      say({ id, result: { tools: [] } });
    });
    const { url } = await gatewayOf(server.target);
    const headers = await session(url);
    const text = await (await post(url, request("tools/list", {}, "mine"), headers)).text();
    expect(text).toContain('"id":"mine"');
    const stop = new AbortController();
    const read = reading(await openStream(url, headers, stop.signal));
    server.says[0]?.({ method: "notifications/last" });
    const told = await read();
    stop.abort();
    expect(told).toContain("notifications/last");
    expect(text + told).not.toContain("Takes all");
  });

  it("[MC6] is noted where it is no message", async () => {
    const { url, server, notes } = await patient();
    await session(url);
    for (let time = 0; time < 2; time += 1) server.says[0]?.({ method: null, result });
    expect(notes).toEqual(['a message of it was dropped: its "method" is no text']);
  });

  it("[MC7] is answered by viewers where that gives nothing away, and by others whatever it asks", async () => {
    const viewer = { "roundhouse-role": "viewer" };
    const { url, server } = await patient();
    const headers = await session(url);
    const read = reading(await openStream(url, headers));
    const methods = ["ping", "roots/list", "sampling/createMessage", "elicitation/create"];
    for (const [id, method] of methods.entries()) {
      server.says[0]?.({ id, method });
      expect(await read()).toContain(method);
    }
    const answer = async (id: unknown, more: Record<string, string>) =>
      (await post(url, { jsonrpc: "2.0", id, result: { of: id } }, { ...headers, ...more })).status;
    const statuses = await Promise.all([0, 1, 2, 3, "3", 9].map((id) => answer(id, viewer)));
    expect(statuses).toEqual([202, 202, 403, 403, 403, 403]);
    expect(await answer(2, {})).toBe(202);
    const answers = server.got.filter((message) => "result" in message).map(({ id }) => id);
    expect(answers.toSorted()).toEqual([0, 1, 2]);
  });
});

describe("messages without a session", () => {
  it("[MC9] get nothing that belongs to no request of theirs, and their server no answer of theirs", async () => {
    const { url, server, notes } = await patient();
    const call = post(url, request("tools/call", { name: "good" }));
    await eventually(() => expect(server.calls()).toHaveLength(1));
    const say = server.says[0];
    say?.({ method: "notifications/message", params: { data: "of another client" } });
    say?.({ id: "s", method: "sampling/createMessage", params: { messages: ["of another client"] } });
    say?.({ id: "p", method: "ping" });
    await eventually(() => expect(server.got.at(-1)).toMatchObject({ id: "p", result: {} }));
    expect(server.got.at(-2)).toMatchObject({ id: "s", error: { code: -32601 } });
    const length = server.got.length;
    const forged = await post(url, { jsonrpc: "2.0", id: "s", result: { forged: true } });
    expect([forged.status, ...(await messagesOf(forged))]).toMatchObject([403, { error: { code: -32600 } }]);
    expect(server.got).toHaveLength(length);
    say?.({ id: server.calls()[0]?.["id"], result: {} });
    expect(await messagesOf(await call)).toEqual([{ jsonrpc: "2.0", id: 1, result: {} }]);
    expect(notes).toHaveLength(1);
  });

  it("[MC9] cannot cancel the one request of another", async () => {
    const { url, server } = await patient();
    const call = post(url, request("tools/call", { name: "good" }));
    await eventually(() => expect(server.calls()).toHaveLength(1));
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    expect((await post(url, cancel)).status).toBe(403);
    expect(asked(server, "notifications/cancelled")).toEqual([]);
    server.says[0]?.({ id: server.calls()[0]?.["id"], result: {} });
    expect(await messagesOf(await call)).toMatchObject([{ result: {} }]);
  });

  const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };
  it.each([
    ["a notification", initialized],
    ["a request that waits", request("resources/read")],
    ["a question for its revision that waits", request("server/discover")],
  ])("[MC2] keep their channel once %s was sent", async (_what, body) => {
    const { url, server } = await patient();
    const gone = new AbortController();
    const init = { method: "POST", headers: HEADERS, body: JSON.stringify(body), signal: gone.signal };
    await fetch(url, init);
    await eventually(() => expect(server.got).toHaveLength(1));
    gone.abort();
    await eventually(async () => expect((await post(url, initialized)).status).toBe(202));
    await session(url);
    expect(server.ends).toHaveLength(2);
  });
});
