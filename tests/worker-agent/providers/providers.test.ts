import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it, vi } from "vitest";
import { createProviders } from "../../../worker-agent/src/providers/service.ts";
import { targetOf } from "../../../worker-agent/src/providers/target.ts";
import { atEnd, eventually, linked, type Peer, portOf, startApp } from "../link/gateway.ts";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
const KEY = "Bearer sk-canary-0123456789";

/** A provider, and a real link to an agent that was told of it as `pv_1`. */
async function served(listener: Listener, path = "/v1") {
  const { port, connections } = await startApp(listener);
  return { ...(await told(`http://127.0.0.1:${port}${path}`)), port, connections };
}

async function told(baseUrl: string) {
  const providers = createProviders();
  providers.apply([{ id: "pv_1", baseUrl }]);
  const fetch = async (request: Request) => (await providers.fetch(request)) ?? new Response(null, { status: 404 });
  return { providers, peer: await linked([], {}, { services: { fetch, feed: () => undefined } }) };
}

const text = (peer: Peer) => Buffer.concat(peer.frames("data").map(({ bytes }) => bytes)).toString();
const whyReset = async (peer: Peer, stream = 1) => (await peer.nextFrame("reset", stream)).message;

describe("a request to a provider", () => {
  it("[PV2] [PV3] goes below its base URL with method, query, body and key, and its answer is marked", async () => {
    const { peer } = await served((request, response) => {
      const { method, url, headers } = request;
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        response.setHeader("x-request-id", "req_1");
        response.setHeader("keep-alive", "timeout=5");
        response.end(JSON.stringify({ method, url, headers, body }));
      });
    }, "/api/v1/");
    const headers: [string, string][] = [
      ["authorization", KEY],
      ["content-type", "application/json"],
      ["accept-encoding", "gzip"],
      ["connection", "x-mine"],
      ["x-mine", "of this hop"],
      ["te", "trailers"],
    ];
    peer.open("agent", { method: "POST", path: "/providers/pv_1/chat/completions?a=%20b", headers, hasBody: true });
    peer.data('{"stream":');
    peer.data("true}");
    peer.frame({ type: "end", stream: 1 });
    const answer = await peer.answer();
    const seen = JSON.parse(answer.body) as { headers: Record<string, string> };
    expect(seen).toMatchObject({
      ...{ method: "POST", url: "/api/v1/chat/completions?a=%20b", body: '{"stream":true}' },
      headers: { authorization: KEY, "content-type": "application/json", "accept-encoding": "identity" },
    });
    expect(Object.keys(seen.headers)).not.toEqual(expect.arrayContaining(["x-mine"]));
    expect(Object.keys(seen.headers)).not.toEqual(expect.arrayContaining(["te"]));
    expect(answer.headers).toMatchObject({ "x-request-id": "req_1", "roundhouse-provider": "pv_1" });
    expect(answer.headers).not.toHaveProperty("keep-alive");
  });

  it("[PV2] is answered with a redirect, which is not followed", async () => {
    const { peer } = await served((_request, response) => response.writeHead(307, { location: "/elsewhere" }).end());
    peer.open("agent", { path: "/providers/pv_1/models", headers: [["authorization", KEY]] });
    expect(await peer.answer()).toMatchObject({ status: 307, headers: { location: "/elsewhere" } });
  });

  it("[PV2] never leads out of the base URL", async () => {
    const base = new URL("http://127.0.0.1:1234/v1");
    for (const rest of [
      "/../admin",
      "/%2e%2e/admin",
      "/a%2f..%2f..%2fadmin",
      String.raw`/a%5c..%5cadmin`,
      "/./x",
      "/%",
    ]) {
      expect(() => targetOf(base, rest, ""), rest).toThrow(/path/);
    }
    expect(targetOf(base, "/models/org%2Fname", "?x=1").href).toBe("http://127.0.0.1:1234/v1/models/org%2Fname?x=1");
    expect(targetOf(new URL("https://h"), "//other/x", "").href).toBe("https://h//other/x");
    const urls: (string | undefined)[] = [];
    const { peer } = await served((request, response) => (urls.push(request.url), response.end()));
    peer.open("agent", { path: "/providers/pv_1/../../admin" });
    expect((await peer.answer()).status).toBe(404);
    peer.open("agent", { path: "/providers/pv_1/a%2f..%2f..%2fadmin" }, 2);
    expect(await whyReset(peer, 2)).toContain("leads out");
    expect(urls).toEqual([]);
  });

  it("[PV1] is refused for a provider that the node was not told of, or is not told of any more", async () => {
    let asked = 0;
    const { peer, providers } = await served((_request, response) => ((asked += 1), response.end()));
    peer.open("agent", { path: "/providers/pv_other/models" });
    expect(await whyReset(peer)).toContain("not been told");
    providers.apply([]);
    peer.open("agent", { path: "/providers/pv_1/models" }, 2);
    expect(await whyReset(peer, 2)).toContain("not been told");
    expect(asked).toBe(0);
  });
});

describe("an answer of a provider", () => {
  it("[PV4] arrives piece by piece, each when it was written", async () => {
    let write: (text: string) => void = () => undefined;
    const { peer } = await served((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      write = (piece) => void (piece === "" ? response.end() : response.write(piece));
    });
    peer.open("agent", { path: "/providers/pv_1/chat/completions" });
    const { head } = await peer.nextFrame("head");
    expect(head).toMatchObject({ status: 200 });
    let all = "";
    for (const piece of ["data: one\n\n", "data: two\n\n", "data: [DONE]\n\n"]) {
      write(piece);
      all += piece;
      await eventually(() => expect(text(peer)).toBe(all));
      expect(peer.frames("end")).toEqual([]);
    }
    write("");
    await peer.nextFrame("end");
  });

  it("[PV4] that nobody waits for any longer is ended at the provider, before and amid it", async () => {
    let begin = false;
    const { peer, connections } = await served((_request, response) => {
      if (begin) response.write("first words");
    });
    peer.open("agent", { path: "/providers/pv_1/chat/completions" });
    await eventually(() => expect(connections.size).toBe(1));
    peer.frame({ type: "reset", stream: 1, code: "cancelled", message: "" });
    await eventually(() => expect(connections.size).toBe(0));
    begin = true;
    peer.open("agent", { path: "/providers/pv_1/chat/completions" }, 2);
    await peer.nextFrame("data", 2);
    peer.frame({ type: "reset", stream: 2, code: "cancelled", message: "" });
    await eventually(() => expect(connections.size).toBe(0));
  });

  it("[PV4] of a large body is held back by the one who reads it", async () => {
    let written = 0;
    const { peer } = await served((_request, response) => {
      const more = () => {
        while (written < 64 * 1024 * 1024 && response.write(Buffer.alloc(64 * 1024))) written += 64 * 1024;
      };
      response.on("drain", more);
      more();
    });
    peer.open("agent", { path: "/providers/pv_1/files" });
    await peer.nextFrame("data");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });

  it("has the status that the provider gave, whatever it is", async () => {
    const { peer } = await served(({ url }, response) => {
      const status = Number(url?.split("/").at(-1));
      response.writeHead(status).end(status === 204 ? undefined : '{"error":{"message":"no"}}');
    });
    for (const [at, status] of [204, 401, 404, 429, 500, 502, 503].entries()) {
      peer.open("agent", { path: `/providers/pv_1/${status}` }, at + 1);
      expect(await peer.answer(at + 1)).toMatchObject({ status, headers: { "roundhouse-provider": "pv_1" } });
    }
  });
});

describe("a provider that does not answer", () => {
  it("[PV5] is told by the reason: nobody listens, no such name, no TLS, hung up", async () => {
    const silent = createServer();
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const port = portOf(silent);
    silent.close();
    const refused = await told(`http://127.0.0.1:${port}/v1`);
    refused.peer.open("agent", { path: "/providers/pv_1/models" });
    expect(await whyReset(refused.peer)).toBe(`nothing listens at 127.0.0.1:${port} (ECONNREFUSED)`);

    const nameless = await told("http://nothing.invalid/v1");
    nameless.peer.open("agent", { path: "/providers/pv_1/models" });
    expect(await whyReset(nameless.peer)).toContain("the name nothing.invalid is not known there");

    const plain = createTlsServer({});
    plain.on("tlsClientError", () => undefined);
    plain.listen(0, "127.0.0.1");
    await once(plain, "listening");
    atEnd(() => void plain.close());
    const untrusted = await told(`https://127.0.0.1:${(plain.address() as { port: number }).port}/v1`);
    untrusted.peer.open("agent", { path: "/providers/pv_1/models" });
    expect(await whyReset(untrusted.peer)).toMatch(/^TLS with 127\.0\.0\.1:\d+ failed: /);

    const rude = await served((request) => request.socket.destroy());
    rude.peer.open("agent", { path: "/providers/pv_1/models" });
    expect(await whyReset(rude.peer)).toContain("socket hang up");
  });

  it("[PV5] or breaks off amid its answer, breaks the stream", async () => {
    const { peer } = await served((request, response) => {
      response.write("first words");
      setTimeout(() => request.socket.destroy(), 50);
    });
    peer.open("agent", { path: "/providers/pv_1/models" });
    await peer.nextFrame("data");
    expect(await peer.nextFrame("reset")).toMatchObject({ code: "unreachable" });
    expect(peer.frames("end")).toEqual([]);
  });

  it("[PV3] [PV5] says nothing of the key, neither in the reason nor in any log", async () => {
    const written: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, "write").mockImplementation((chunk) => (written.push(String(chunk)), true)),
    );
    const rude = await served((request) => request.socket.destroy());
    rude.peer.open("agent", { path: "/providers/pv_1/models", headers: [["authorization", KEY]] });
    const reason = await whyReset(rude.peer);
    for (const spy of spies) spy.mockRestore();
    expect(reason + written.join("")).not.toContain("canary");
  });
});
