import { describe, expect, it } from "vitest";
import { MAX_SESSIONS } from "../../../worker-agent/src/mcp/bridge.ts";
import { eventually } from "../link/gateway.ts";
import {
  asked,
  gatewayOf,
  GOOD,
  INITIALIZE,
  messagesOf,
  openStream,
  patient,
  post,
  reading,
  request,
  scripted,
  session,
} from "./support.ts";

describe("a session over a channel", () => {
  it("[MC4] has a channel of its own until it is ended", async () => {
    const { url, server, gateway } = await patient();
    const [one, other] = [await session(url), await session(url)];
    expect([server.ends.length, gateway.sessions()]).toEqual([2, 2]);
    expect((await post(url, { jsonrpc: "2.0", method: "notifications/initialized" }, one)).status).toBe(202);
    expect((await post(url, INITIALIZE, one)).status).toBe(400);
    expect((await fetch(url, { method: "DELETE", headers: one })).status).toBe(200);
    expect((await post(url, request("tools/list"), one)).status).toBe(404);
    expect((await openStream(url, one)).status).toBe(404);
    expect((await post(url, request("tools/list"), other)).status).toBe(200);
    expect(gateway.sessions()).toBe(1);
  });

  it("[MC4] is refused what the transport refuses", async () => {
    const { url } = await patient();
    const headers = await session(url);
    const status = async (more: Record<string, string>) =>
      (await post(url, request("ping"), { ...headers, ...more })).status;
    expect(await status({ accept: "text/html" })).toBe(406);
    expect(await status({ "mcp-protocol-version": "1999-01-01" })).toBe(400);
    expect(await status({ "mcp-session-id": "nobody" })).toBe(404);
    expect((await openStream(url, { ...headers, accept: "application/json" })).status).toBe(406);
    expect((await openStream(url, {})).status).toBe(400);
    expect((await post(url, [INITIALIZE, request("ping", {}, 2)])).status).toBe(400);
    expect((await post(url, { ...INITIALIZE, id: undefined })).status).toBe(400);
  });

  it("[MC4] answers as JSON whom takes nothing else, a batch with a list", async () => {
    const { url } = await patient();
    const headers = { ...(await session(url)), accept: "application/json" };
    const single = await post(url, request("tools/list", {}, "a"), headers);
    expect(single.headers.get("content-type")).toBe("application/json");
    expect(await single.json()).toMatchObject({ id: "a", result: { tools: [GOOD] } });
    const batch = await post(url, [request("tools/list", {}, 1), request("tools/list", {}, 2)], headers);
    expect(((await batch.json()) as { id: number }[]).map(({ id }) => id)).toEqual([1, 2]);
  });

  it("[MC9] has progress with its request, and the rest on the standing stream while there is one", async () => {
    const { url, server } = await patient((message, say) => {
      if (message["method"] !== "tools/call") return;
      const { _meta } = message["params"] as { _meta: { progressToken: unknown } };
      say({ method: "notifications/progress", params: { progressToken: _meta.progressToken, progress: 1 } });
      say({ method: "notifications/message", params: { data: "line" } });
      say({ id: message["id"], result: {} });
    });
    const headers = await session(url);
    const call = (id: string) => request("tools/call", { name: "good", _meta: { progressToken: `of ${id}` } }, id);
    const methods = async (id: string) =>
      (await messagesOf(await post(url, call(id), headers))).map(({ method, params }) => [
        method,
        params?.["progressToken"],
      ]);
    const mine = ["notifications/progress", "of a"];
    expect(await methods("a")).toEqual([mine, ["notifications/message", undefined], [undefined, undefined]]);
    const read = reading(await openStream(url, headers));
    expect(await methods("b")).toEqual([
      ["notifications/progress", "of b"],
      [undefined, undefined],
    ]);
    expect(await read()).toContain('"data":"line"');
    expect((await openStream(url, headers)).status).toBe(409);
    const ids = server.calls().map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });

  it("[MC9] keeps what its server asks before there is a stream", async () => {
    const { url, server } = await patient((message, say) => {
      if (message["method"] === "notifications/initialized") say({ id: 77, method: "roots/list" });
    });
    const headers = await session(url);
    await post(url, { jsonrpc: "2.0", method: "notifications/initialized" }, headers);
    expect(await reading(await openStream(url, headers))()).toContain('"method":"roots/list"');
    await post(url, { jsonrpc: "2.0", id: 77, result: { roots: [] } }, headers);
    await eventually(() => expect(server.got.at(-1)).toEqual({ jsonrpc: "2.0", id: 77, result: { roots: [] } }));
  });

  it("[MC9] goes on without a client that goes away, and drops what comes for it", async () => {
    const { url, server, gateway } = await patient();
    const headers = await session(url);
    const giveUp = new AbortController();
    const body = JSON.stringify(request("tools/call", { name: "good" }, 1));
    const all = { ...headers, accept: "text/event-stream", "content-type": "application/json" };
    await fetch(url, { method: "POST", headers: all, body, signal: giveUp.signal });
    await eventually(() => expect(server.calls()).toHaveLength(1));
    expect(gateway.isBusy()).toBe(true);
    giveUp.abort();
    await eventually(() => expect(gateway.isBusy()).toBe(false));
    server.says[0]?.({ id: server.calls()[0]?.["id"], result: { late: true } });
    expect(asked(server, "notifications/cancelled")).toEqual([]);
    expect(await messagesOf(await post(url, request("tools/list", {}, 1), headers))).toMatchObject([
      { id: 1, result: { tools: [GOOD] } },
    ]);
  });

  it("[MC9] cancels by the id that its server knows, and ends the request", async () => {
    const { url, server } = await patient();
    const headers = await session(url);
    const call = post(url, request("tools/call", { name: "good" }, "mine"), headers);
    await eventually(() => expect(server.calls()).toHaveLength(1));
    const cancelled = {
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: "mine", reason: "enough" },
    };
    await post(url, cancelled, headers);
    const params = { requestId: server.calls()[0]?.["id"], reason: "enough" };
    await eventually(() => expect(server.got.at(-1)).toMatchObject({ method: "notifications/cancelled", params }));
    expect(await messagesOf(await call)).toMatchObject([
      { id: "mine", error: { message: "the request was cancelled" } },
    ]);
  });

  it("[MC2] is gone with its channel, and says why to whoever waits", async () => {
    const { url, server, gateway } = await patient();
    const headers = await session(url);
    const stream = await openStream(url, headers);
    const call = post(url, request("tools/call", { name: "good" }, 5), headers);
    await eventually(() => expect(server.calls()).toHaveLength(1));
    server.ends[0]?.("it ended with exit code 3");
    expect(await messagesOf(await call)).toMatchObject([{ id: 5, error: { message: "it ended with exit code 3" } }]);
    expect(await stream.text()).toBe("");
    expect((await post(url, request("tools/list"), headers)).status).toBe(404);
    expect(gateway.sessions()).toBe(0);
  });

  it("[MC10] is told of a message that could not be written again, and lives on", async () => {
    const deep = JSON.parse("[".repeat(50_000) + "]".repeat(50_000)) as unknown;
    const { url } = await patient((message, say) => {
      if (message["method"] !== "tools/call") return;
      say({ method: "notifications/message", params: { data: deep } });
      say({ id: message["id"], result: { deep } });
    });
    const headers = await session(url);
    const [first, ...others] = await messagesOf(await post(url, request("tools/call", { name: "good" }), headers));
    expect(first).toMatchObject({ id: 1, error: { message: expect.stringMatching(/nested deeper than/) as string } });
    expect(others).toEqual([]);
    const sent = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`;
    expect((await post(url, sent, headers)).status).toBe(400);
    expect(await messagesOf(await post(url, request("tools/list"), headers))).toMatchObject([
      { result: { tools: [GOOD] } },
    ]);
  });

  it("[MC2] does not outlive a refused initialize", async () => {
    const server = scripted(({ id }, say) => say({ id, error: { code: -32000, message: "no" } }));
    const { url, gateway } = await gatewayOf(server.target);
    const response = await post(url, INITIALIZE);
    expect(await messagesOf(response)).toMatchObject([{ id: 1, error: { message: "no" } }]);
    await eventually(() => expect(gateway.sessions()).toBe(0));
  });

  it("[MC10] is one of at most 16: the one that was idle for longest ends, and none that is at work", async () => {
    const { url, server, gateway } = await patient();
    const all = [];
    for (let count = 0; count < MAX_SESSIONS; count += 1) all.push(await session(url));
    const [first = {}, second = {}, ...others] = all;
    const busy = [post(url, request("tools/call", { name: "good" }), first)];
    await eventually(() => expect(server.calls()).toHaveLength(1));
    const more = await session(url);
    expect(gateway.sessions()).toBe(MAX_SESSIONS);
    expect((await post(url, request("tools/list"), second)).status).toBe(404);
    for (const headers of [...others, more]) busy.push(post(url, request("tools/call", { name: "good" }), headers));
    await eventually(() => expect(server.calls()).toHaveLength(MAX_SESSIONS));
    const refused = await post(url, INITIALIZE);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    for (const end of server.ends) end("enough");
    await Promise.all(busy.map(async (one) => (await one).text()));
  });

  it("[MC4] ends with its gateway, which then answers no more", async () => {
    const { url, gateway } = await patient();
    const stream = await openStream(url, await session(url));
    await gateway.close();
    expect(await stream.text()).toBe("");
    await expect(gateway.fetch(new Request(url))).rejects.toThrow("the server was ended");
  });
});

describe("messages without a session", () => {
  it("[MC4] share one channel, and get each its own answers", async () => {
    const { url, server, gateway } = await patient();
    const call = (word: string) =>
      post(url, request("tools/call", { name: "good", arguments: { word }, _meta: { progressToken: 0 } }, 1));
    const [one, other] = [call("one"), call("other")];
    await eventually(() => expect(server.calls()).toHaveLength(2));
    expect([server.ends.length, gateway.sessions()]).toEqual([1, 2]);
    const say = server.says[0];
    say?.({ method: "notifications/message", params: { data: "whose?" } });
    for (const { id, params } of server.calls().toReversed()) {
      const { arguments: args, _meta } = params as { arguments: { word: string }; _meta: { progressToken: number } };
      say?.({ method: "notifications/progress", params: { progressToken: _meta.progressToken, message: args.word } });
      say?.({ id, result: { word: args.word } });
    }
    for (const [word, answer] of [
      ["one", one],
      ["other", other],
    ] as const)
      expect(await messagesOf(await answer)).toEqual([
        { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 0, message: word } },
        { jsonrpc: "2.0", id: 1, result: { word } },
      ]);
  });

  it("[MC9] cannot cancel each other's requests", async () => {
    const { url, server } = await patient();
    const call = () => post(url, request("tools/call", { name: "good" }, 1));
    const both = [call(), call()];
    await eventually(() => expect(server.calls()).toHaveLength(2));
    await post(url, { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    expect(asked(server, "notifications/cancelled")).toEqual([]);
    for (const { id } of server.calls()) server.says[0]?.({ id, result: {} });
    for (const one of both) expect(await messagesOf(await one)).toMatchObject([{ result: {} }]);
  });

  it("[MC9] that subscribe get what is for their subscription, by the id they gave", async () => {
    const key = "io.modelcontextprotocol/subscriptionId";
    const { url } = await patient((message, say) => {
      if (message["method"] !== "subscriptions/listen") return;
      say({ method: "notifications/tools/list_changed", params: { _meta: { [key]: message["id"] } } });
      say({ id: message["id"], result: {} });
    });
    const [changed] = await messagesOf(await post(url, request("subscriptions/listen", {}, "mine")));
    expect(changed).toMatchObject({ params: { _meta: { [key]: "mine" } } });
  });

  it("[MC2] leave their channel to the session of a client whose revision it does not know", async () => {
    const { url, server } = await patient((message, say) => {
      if (message["method"] === "server/discover")
        say({ id: message["id"], error: { code: -32601, message: "what?" } });
    });
    expect(await messagesOf(await post(url, request("server/discover")))).toMatchObject([{ error: { code: -32601 } }]);
    await session(url);
    expect(server.ends).toHaveLength(1);
    await messagesOf(await post(url, request("tools/list")));
    await session(url);
    expect(server.ends).toHaveLength(3);
  });

  it("[MC2] get a new channel once theirs is over", async () => {
    const { url, server } = await patient();
    await messagesOf(await post(url, request("tools/list")));
    server.ends[0]?.("it ended");
    await eventually(async () => {
      expect(await messagesOf(await post(url, request("tools/list")))).toMatchObject([{ result: { tools: [GOOD] } }]);
    });
    expect(server.ends).toHaveLength(2);
  });
});
