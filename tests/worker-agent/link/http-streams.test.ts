import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DEFAULT_TUNING, MAX_REPLY_BODY_BYTES } from "@roundhouse/protocol/limits";
import { eventually, linked, startApp } from "./gateway.ts";

const { initialWindowBytes: WINDOW, maxWindowBytes, dataFrameBytes } = DEFAULT_TUNING;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a request to an app", () => {
  it("[ST1] reaches the port of its own instance on loopback, and nothing else", async () => {
    const { port } = await startApp((request, response) => response.end(`${request.method} ${request.url}`));
    const foreign = await startApp((_request, response) => response.end("never"));
    const peer = await linked([port]);
    peer.open(port, { method: "GET", path: "/a/b?c=d&e" });
    expect(await peer.answer()).toMatchObject({ status: 200, body: "GET /a/b?c=d&e" });
    const targets = [
      { to: "app" as const, instance: "in_app", port: foreign.port },
      { to: "app" as const, instance: "in_other", port },
    ];
    for (const [index, target] of targets.entries()) {
      for (const [kind, stream] of [
        ["http", 10 + index],
        ["websocket", 20 + index],
      ] as const) {
        peer.open(port, { target, kind }, stream);
        expect(await peer.nextFrame("reset", stream)).toMatchObject({ code: "refused" });
      }
    }
    expect(foreign.connections.size).toBe(0);
  });

  it("[ST1] finds an app that listens on IPv6 alone", async () => {
    const { port, server } = await startApp((_request, response) => response.end("v6"));
    await new Promise((resolve) => server.close(resolve));
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "::1", resolve));
    const peer = await linked([port]);
    peer.open(port);
    expect(await peer.answer()).toMatchObject({ body: "v6" });
  });

  it("[ST4] resets with unreachable when nobody listens or the app hangs up", async () => {
    const closed = await startApp(() => undefined);
    await new Promise((resolve) => closed.server.close(resolve));
    const rude = await startApp((request) => request.socket.destroy());
    const half = await startApp((_request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => response.destroy());
    });
    const peer = await linked([closed.port, rude.port, half.port]);
    peer.open(closed.port, {}, 1);
    expect(await peer.nextFrame("reset", 1)).toMatchObject({ code: "unreachable" });
    peer.open(rude.port, {}, 2);
    expect(await peer.nextFrame("reset", 2)).toMatchObject({ code: "unreachable" });
    peer.open(half.port, {}, 3);
    expect(await peer.nextFrame("reset", 3)).toMatchObject({ code: "unreachable" });
    expect(peer.frames("end", 3)).toEqual([]);
  });

  it("[ST4] ends at the app when the client resets, before and after the head", async () => {
    const ended: string[] = [];
    const { port } = await startApp((request, response) => {
      response.on("close", () => ended.push(request.url ?? ""));
      if (request.url === "/talking") response.write("…");
    });
    const peer = await linked([port]);
    peer.open(port, { path: "/silent" }, 1);
    peer.open(port, { path: "/talking" }, 2);
    await peer.nextFrame("data", 2);
    for (const stream of [1, 2]) peer.frame({ type: "reset", stream, code: "cancelled", message: "gone" });
    await eventually(() => expect(ended.toSorted()).toEqual(["/silent", "/talking"]));
  });

  it("[ST6] ends at the app when the link is lost", async () => {
    const app = await startApp((_request, response) => void response.write("…"));
    const peer = await linked([app.port]);
    peer.open(app.port);
    await peer.nextFrame("data");
    peer.socket.terminate();
    await eventually(() => expect(app.connections.size).toBe(0));
  });

  it("[ST2] carries a body of any length, and frames it where Node would not", async () => {
    const { port } = await startApp(async (request, response) => {
      const body = await bodyOf(request);
      response.end(JSON.stringify([request.method, request.headers["content-length"] ?? null, body.toString()]));
    });
    const peer = await linked([port]);
    const cases = [
      { method: "POST", headers: [["content-length", "5"]] as [string, string][], length: "5" },
      { method: "POST", headers: [], length: null },
      { method: "DELETE", headers: [], length: null },
      { method: "GET", headers: [], length: null },
    ];
    for (const [index, { method, headers, length }] of cases.entries()) {
      const stream = index + 1;
      peer.open(port, { method, headers, hasBody: true }, stream);
      peer.data("hel", stream);
      peer.data("lo", stream);
      peer.frame({ type: "end", stream });
      expect(JSON.parse((await peer.answer(stream)).body)).toEqual([method, length, "hello"]);
    }
  });

  it("[CR1] holds no more of an upload than the window while the app is slow, and loses nothing", async () => {
    const hash = createHash("sha256");
    let resume: () => void = () => undefined;
    const { port } = await startApp((request, response) => {
      resume = () => {
        request.on("data", (chunk: Buffer) => hash.update(chunk));
        request.on("end", () => response.end(hash.digest("hex")));
      };
    });
    const peer = await linked([port]);
    const body = randomBytes(24 * 1024 * 1024);
    peer.open(port, { method: "POST", headers: [["content-length", String(body.length)]], hasBody: true });
    let sent = 0;
    let granted: number = WINDOW;
    const pump = async (until: number) => {
      while (sent < until) {
        const allowed = Math.min(until, granted);
        for (; sent < allowed; sent = Math.min(allowed, sent + dataFrameBytes)) {
          peer.data(body.subarray(sent, Math.min(allowed, sent + dataFrameBytes)));
        }
        if (sent < until) granted = (await peer.nextFrame("credit")).offset;
      }
    };
    // What the kernel takes is not the agent's: grants stop at that plus one window, far below the body.
    const stalled = pump(body.length);
    await eventually(async () => {
      const before = granted;
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(granted).toBe(before);
    });
    expect(granted).toBeLessThan(body.length / 2);
    resume();
    await stalled;
    peer.frame({ type: "end", stream: 1 });
    expect((await peer.answer()).body).toBe(createHash("sha256").update(body).digest("hex"));
  });

  it("[CR3] is reset when the hub sends more than was granted", async () => {
    const app = await startApp(() => undefined);
    const peer = await linked([app.port]);
    peer.open(app.port, { method: "POST", hasBody: true });
    peer.data(new Uint8Array(WINDOW + 1));
    expect(await peer.nextFrame("reset")).toMatchObject({ code: "protocol" });
    await eventually(() => expect(app.connections.size).toBe(0));
  });

  it("[ST2] does not leave a request open at an app that answered before it had the body", async () => {
    const app = await startApp((request) => {
      // It keeps the connection, since the rest of the body may still come.
      request.socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\ntoo large");
    });
    const peer = await linked([app.port]);
    peer.open(app.port, { method: "POST", hasBody: true });
    peer.data("the first of many bytes");
    expect(await peer.answer()).toMatchObject({ status: 413, body: "too large" });
    peer.data("a late one");
    await eventually(() => expect(app.connections.size).toBe(0));
    peer.open(app.port, {}, 2);
    expect(await peer.answer(2)).toMatchObject({ status: 413 });
  });

  it("is sent again on a fresh connection when the app closed a kept one, unless it would happen twice", async () => {
    let [requests, posts] = [0, 0];
    const app = await startApp((request, response) => {
      requests += 1;
      if (request.method === "POST") posts += 1;
      // Announces that the connection is kept, and breaks it when it is used again.
      if (request.socket.bytesWritten > 0) return request.socket.resetAndDestroy();
      return response.end(`answer ${requests}`);
    });
    const peer = await linked([app.port]);
    peer.open(app.port, {}, 1);
    await peer.answer(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    peer.open(app.port, {}, 2);
    expect(await peer.answer(2)).toMatchObject({ status: 200, body: "answer 3" });
    peer.open(app.port, { method: "POST" }, 3);
    expect(await peer.answer(3)).toMatchObject({ status: 200 });
    expect(posts).toBe(1);
  });

  it("ends alone when Node refuses it, and never the agent", async () => {
    const { port } = await startApp((_request, response) => response.end("alive"));
    const peer = await linked([port]);
    peer.open(port, { headers: [["x-bad", "line\nbreak"]] }, 1);
    expect(await peer.nextFrame("reset", 1)).toMatchObject({ code: "protocol" });
    peer.open(port, { path: "/with space\u0001" }, 2);
    expect(await peer.nextFrame("reset", 2)).toMatchObject({ code: "protocol" });
    peer.open(port, { method: "NOT A METHOD" }, 3);
    expect(await peer.nextFrame("reset", 3)).toMatchObject({ code: "protocol" });
    peer.open(port, {}, 4);
    expect(await peer.answer(4)).toMatchObject({ body: "alive" });
    peer.frame({ type: "message", stream: 4, text: true, more: false, bytes: new Uint8Array() });
  });
});

describe("the answer of an app", () => {
  it("[ST5] travels as REPLY when its small body is at hand, else as HEAD, DATA and END", async () => {
    const { port } = await startApp((request, response) => {
      const { url } = request;
      if (url === "/small") response.end("small");
      else if (url === "/empty") response.writeHead(200, { "content-length": 0 }).end();
      else if (url === "/limit") response.end(Buffer.alloc(MAX_REPLY_BODY_BYTES, "x"));
      else if (url === "/large") response.end(Buffer.alloc(MAX_REPLY_BODY_BYTES + 1, "x"));
      else if (url === "/slow") {
        response.writeHead(200, { "content-length": 8 });
        response.write("slow");
        setTimeout(() => response.end("body"), 100);
      } else if (url === "/trickle") {
        response.write("trickle");
        setTimeout(() => response.end(), 100);
      } else {
        response.write("chun");
        response.end("ked");
      }
    });
    const peer = await linked([port]);
    const shapes: [string, string, number][] = [
      ["/small", "reply", 5],
      ["/empty", "reply", 0],
      ["/limit", "reply", MAX_REPLY_BODY_BYTES],
      ["/slow", "head", 8],
      ["/chunked", "reply", 7],
      ["/trickle", "head", 7],
    ];
    for (const [index, [path, frame, length]] of shapes.entries()) {
      peer.open(port, { path }, index + 1);
      const answer = await peer.answer(index + 1);
      expect([path, answer.frame, answer.body.length]).toEqual([path, frame, length]);
    }
    peer.open(port, { path: "/large" }, 90);
    expect((await peer.nextFrame("head", 90)).head.headers).toContainEqual(["content-length", "65537"]);
    peer.frame({ type: "credit", stream: 90, offset: 2 * WINDOW });
    await peer.nextFrame("end", 90);
  });

  it("[ST7] keeps status, repeated headers and compressed bytes", async () => {
    const zipped = gzipSync("squeezed");
    const { port } = await startApp((_request, response) => {
      response.writeHead(207, [
        ["Content-Encoding", "gzip"],
        ["Content-Length", String(zipped.length)],
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
      ] as never);
      response.end(zipped);
    });
    const peer = await linked([port]);
    peer.open(port);
    const { head, body } = await peer.nextFrame("reply");
    expect(head.status).toBe(207);
    expect(head.headers.filter(([name]) => name === "set-cookie")).toEqual([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
    expect(head.headers.map(([name]) => name)).not.toContain("connection");
    expect(Buffer.from(body).equals(zipped)).toBe(true);
  });

  it("[ST7] has no body for HEAD, 204 and 304, and keeps the length that HEAD states", async () => {
    const { port } = await startApp((request, response) => {
      if (request.method === "HEAD") response.writeHead(200, { "content-length": 1234 }).end();
      else response.writeHead(Number(request.url?.slice(1))).end();
    });
    const peer = await linked([port]);
    peer.open(port, { method: "HEAD" }, 1);
    expect(await peer.answer(1)).toMatchObject({ status: 200, body: "", headers: { "content-length": "1234" } });
    for (const [stream, status] of [
      [2, 204],
      [3, 304],
    ] as const) {
      peer.open(port, { path: `/${status}` }, stream);
      expect(await peer.answer(stream)).toMatchObject({ status, body: "", frame: "reply" });
    }
  });

  it("[ST7] that HTTP does not know resets its stream, and never breaks the link", async () => {
    const { port } = await startApp((request, response) => {
      const { socket } = request;
      if (request.url === "/999") socket.end("HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n");
      else if (request.url === "/101")
        socket.end("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
      else if (request.url === "/nonsense") socket.end("hello, this is not HTTP\r\n\r\n");
      else response.end("alive");
    });
    const peer = await linked([port]);
    for (const [index, path] of ["/999", "/101", "/nonsense"].entries()) {
      peer.open(port, { path }, index + 1);
      await peer.nextFrame("reset", index + 1);
    }
    peer.open(port, {}, 9);
    expect(await peer.answer(9)).toMatchObject({ body: "alive" });
  });

  it("[CR1] waits for credit, byte for byte, and goes on where it stopped", async () => {
    const body = randomBytes(3 * maxWindowBytes);
    let written = 0;
    const { port } = await startApp((_request, response) => {
      response.writeHead(200, { "content-length": body.length });
      const more = () => {
        while (written < body.length) {
          const chunk = body.subarray(written, written + 65_536);
          written += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    });
    const peer = await linked([port]);
    peer.open(port);
    const got = () => peer.frames("data").reduce((sum, { bytes }) => sum + bytes.length, 0);
    await eventually(() => expect(got()).toBe(WINDOW));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(got()).toBe(WINDOW);
    peer.frame({ type: "credit", stream: 1, offset: WINDOW + 10 });
    await eventually(() => expect(got()).toBe(WINDOW + 10));
    peer.frame({ type: "credit", stream: 1, offset: 5 });
    peer.frame({ type: "credit", stream: 1, offset: body.length });
    await peer.nextFrame("end");
    expect(peer.frames("data").every(({ bytes }) => bytes.length <= dataFrameBytes)).toBe(true);
    expect(Buffer.concat(peer.frames("data").map(({ bytes }) => bytes)).equals(body)).toBe(true);
  });

  it("[CR6] of a stalled stream holds back no other", async () => {
    const { port } = await startApp((request, response) => {
      if (request.url === "/big") response.end(Buffer.alloc(8 * 1024 * 1024));
      else response.end("quick");
    });
    const peer = await linked([port]);
    for (let stream = 1; stream <= 20; stream += 1) peer.open(port, { path: "/big" }, stream);
    await eventually(() => {
      for (let stream = 1; stream <= 20; stream += 1) {
        expect(peer.frames("data", stream).reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(WINDOW);
      }
    });
    peer.open(port, { path: "/quick" }, 21);
    expect(await peer.answer(21)).toMatchObject({ body: "quick" });
  });

  it("[ST3] streams while the request's body still comes", async () => {
    const { port } = await startApp((request, response) => request.pipe(response));
    const peer = await linked([port]);
    peer.open(port, { method: "POST", hasBody: true });
    for (const word of ["one", "two", "three"]) {
      peer.data(word);
      expect(Buffer.from((await peer.nextFrame("data")).bytes).toString()).toBe(word);
    }
    peer.frame({ type: "end", stream: 1 });
    await peer.nextFrame("end");
  });
});
