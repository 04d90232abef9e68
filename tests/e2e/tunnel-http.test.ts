/** HTTP as apps expect it, from a browser's connection through the control plane and the link to an app, and back. */
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTunnel, readAll, type Tunnel } from "./tunnel.ts";

const METHODS_THAT_PASS = [
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PURGE", "SEARCH", "NOTIFY"],
  ...["SUBSCRIBE", "UNSUBSCRIBE", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "ACL", "REPORT"],
  ...["MKACTIVITY", "CHECKOUT", "MERGE"],
];
const METHODS_THE_RUNTIME_REFUSES = ["M-SEARCH", "LINK", "UNLINK", "SOURCE", "BIND", "REBIND", "UNBIND", "MKCALENDAR"];
const TEXT = Buffer.from("The quick brown fox jumps over the lazy dog. ".repeat(500));

let tunnel: Tunnel;
beforeAll(async () => {
  tunnel = await openTunnel();
});
afterAll(() => tunnel?.close());

/** What the app saw of a request that carried these headers. */
async function seenOf(headers: Record<string, string | string[]>): Promise<Record<string, string | undefined>> {
  const path = tunnel.serve((request, response) => response.end(JSON.stringify(request.headers)));
  return JSON.parse((await tunnel.ask(path, { headers })).text) as Record<string, string | undefined>;
}

/** The answer to a request that the app answers with these headers. */
async function answerOf(headers: string[], status = 200): Promise<Record<string, string | string[] | undefined>> {
  const path = tunnel.serve((_request, response) => response.writeHead(status, headers).end());
  return (await tunnel.ask(path)).message.headers;
}

describe("a request's first line", () => {
  test("[ST7] carries every method that the runtime takes", async () => {
    const path = tunnel.serve((request, response) => response.writeHead(200, { "x-method": request.method }).end());
    for (const method of METHODS_THAT_PASS) {
      const { status, message } = await tunnel.ask(path, { method });
      expect([method, status, message.headers["x-method"]]).toEqual([method, 200, method]);
    }
  });

  test("[ST7] with any other method is refused by the runtime with 501, before the app is asked", async () => {
    let asked = 0;
    const path = tunnel.serve((_request, response) => response.end(String((asked += 1))));
    for (const method of METHODS_THE_RUNTIME_REFUSES) {
      expect([method, (await tunnel.ask(path, { method })).status]).toEqual([method, 501]);
    }
    expect(asked).toBe(0);
  });

  test("[ST9] reaches the app byte for byte, as browsers write it", async () => {
    const path = tunnel.serve((request, response) => response.end(request.url));
    for (const rest of [
      ...["a%2Fb%2f", "a//b///", "x?", "x??y=1?", "x;v=1;w", "x%20y+z", "%E2%82%AC", "%zz%", "a%00b", "a|b"],
      ...["x?a=%zz&b=[1]&c=%27&&=", "~!$&'()*+,=:@-._", "x?u=https://e.example/%3Fa"],
    ]) {
      expect((await tunnel.ask(path + rest)).text).toBe(path + rest);
    }
    const long = `${path}?${"q".repeat(60_000)}`;
    expect((await tunnel.ask(long)).text).toBe(long);
  });
});

describe("answers", () => {
  test("[ST7] keep their status, and a body where their status has one", async () => {
    const path = tunnel.serve((request, response) => {
      const status = Number(request.url?.split("?")[1]);
      response.writeHead(status, { etag: '"e"', ...(status === 205 ? {} : { "content-type": "text/plain" }) });
      response.end([204, 205, 304].includes(status) ? undefined : "body");
    });
    for (const status of [
      200, 201, 202, 204, 205, 206, 207, 226, 300, 304, 400, 401, 404, 416, 418, 421, 429, 500, 503,
    ]) {
      const answer = await tunnel.ask(`${path}?${status}`);
      const body = [204, 205, 304].includes(status) ? "" : "body";
      expect([status, answer.status, answer.text, answer.message.headers.etag]).toEqual([status, status, body, '"e"']);
    }
  });

  test("[ST7] to HEAD state the length that GET would have", async () => {
    const path = tunnel.serve((request, response) => {
      response.writeHead(200, { "content-length": TEXT.length });
      response.end(request.method === "HEAD" ? undefined : TEXT);
    });
    const head = await tunnel.ask(path, { method: "HEAD" });
    expect([head.status, head.message.headers["content-length"], head.bytes.length]).toEqual([
      200,
      String(TEXT.length),
      0,
    ]);
    expect((await tunnel.ask(path)).bytes.equals(TEXT)).toBe(true);
  });

  test("[ST7] give parts of a file to those who ask for a range", async () => {
    const path = tunnel.serve(({ headers }, response) => {
      const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
      const [first, last] = [Number(from ?? 0), Math.min(Number(to || TEXT.length - 1), TEXT.length - 1)];
      if (from !== undefined && first >= TEXT.length) {
        return response.writeHead(416, { "content-range": `bytes */${TEXT.length}` }).end();
      }
      const length = { "content-length": last - first + 1, "accept-ranges": "bytes" };
      if (from === undefined) return response.writeHead(200, length).end(TEXT);
      const range = { ...length, "content-range": `bytes ${first}-${last}/${TEXT.length}` };
      return response.writeHead(206, range).end(TEXT.subarray(first, last + 1));
    });
    const part = await tunnel.ask(path, { headers: { Range: "bytes=100-149" } });
    expect([part.status, part.message.headers["content-range"]]).toEqual([206, `bytes 100-149/${TEXT.length}`]);
    expect(part.bytes.equals(TEXT.subarray(100, 150))).toBe(true);
    const rest = await tunnel.ask(path, { headers: { Range: "bytes=22000-" } });
    expect(rest.bytes.equals(TEXT.subarray(22_000))).toBe(true);
    const beyond = await tunnel.ask(path, { headers: { Range: "bytes=99999-" } });
    expect([beyond.status, beyond.message.headers["content-range"]]).toEqual([416, `bytes */${TEXT.length}`]);
  });

  test("[ST7] say 304 to those who have it already", async () => {
    const path = tunnel.serve(({ headers }, response) => {
      const isKnown = headers["if-none-match"] === '"v1"';
      response.writeHead(isKnown ? 304 : 200, { etag: '"v1"', "cache-control": "max-age=0" });
      response.end(isKnown ? undefined : "fresh");
    });
    expect((await tunnel.ask(path)).text).toBe("fresh");
    const again = await tunnel.ask(path, { headers: { "If-None-Match": '"v1"' } });
    expect([again.status, again.text, again.message.headers["cache-control"]]).toEqual([304, "", "max-age=0"]);
  });

  test("[ST7] are passed on compressed as they are, whatever the browser asked for", async () => {
    const bodies = {
      gzip: gzipSync(TEXT),
      br: brotliCompressSync(TEXT),
      zstd: Buffer.from("not really"),
      "x-own": TEXT,
    };
    const path = tunnel.serve((request, response) => {
      const encoding = request.url?.split("?")[1] as keyof typeof bodies;
      response.writeHead(200, { "content-encoding": encoding, vary: "accept-encoding", "content-type": "text/plain" });
      response.end(bodies[encoding]);
    });
    for (const [encoding, body] of Object.entries(bodies)) {
      for (const asked of [undefined, "identity", "gzip", "br, zstd;q=0.5"]) {
        const headers: Record<string, string> = asked === undefined ? {} : { "Accept-Encoding": asked };
        const { bytes, message } = await tunnel.ask(`${path}?${encoding}`, { headers });
        expect([encoding, asked, message.headers["content-encoding"]]).toEqual([encoding, asked, encoding]);
        expect(bytes.equals(body)).toBe(true);
        expect((await seenOf(headers))["accept-encoding"]).toBe(asked);
      }
    }
  });
});

describe("headers for the app", () => {
  test("[HD1] name its own address where a browser named the public one", async () => {
    const { origin } = tunnel;
    const seen = await seenOf({ Origin: origin, Referer: `${origin}/page?x=1`, Destination: `${origin}/new%20name` });
    expect(seen).toMatchObject({
      host: tunnel.localHost,
      origin: `http://${tunnel.localHost}`,
      referer: `http://${tunnel.localHost}/page?x=1`,
      destination: `http://${tunnel.localHost}/new%20name`,
    });
  });

  test("[HD2] state the public side, and nothing of what the client says about it", async () => {
    const seen = await seenOf({
      ...{ Forwarded: "for=6.6.6.6", "X-Real-IP": "6.6.6.6", "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Port": "6" },
      ...{ "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Forwarded-User": "root" },
    });
    const forwarding = Object.entries(seen).filter(([name]) => /forwarded|real-ip/.test(name));
    expect(Object.fromEntries(forwarding)).toEqual({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": tunnel.host,
      "x-forwarded-proto": "http",
    });
  });

  test("[HD4] hold every cookie but ours, 64 KiB of them", async () => {
    const cookies = Array.from({ length: 16 }, (_, index) => `c${index}=${"v".repeat(4090)}`).join("; ");
    expect((await seenOf({ Cookie: `${cookies}; ${tunnel.headers.Cookie}; last="x y"` }))["cookie"]).toBe(
      `${cookies}; last="x y"`,
    );
  });

  test("[HD5] may be 120 KiB; beyond 128 KiB the runtime refuses them with 431", async () => {
    const big = "b".repeat(120 * 1024);
    expect((await seenOf({ "X-Big": big }))["x-big"]).toBe(big);
    const path = tunnel.serve((_request, response) => response.end());
    expect((await tunnel.ask(path, { headers: { "X-Big": "b".repeat(180 * 1024) } })).status).toBe(431);
  });

  test("[HD6] keep their bytes beyond ASCII", async () => {
    const path = tunnel.serve(({ headers }, response) => response.end(Buffer.from(String(headers["x-odd"]), "latin1")));
    for (const value of ["grüße", "日本 😀", 'filename="é.png"']) {
      const headers = { "X-Odd": Buffer.from(value).toString("latin1") };
      expect((await tunnel.ask(path, { headers })).text).toBe(value);
    }
  });
});

describe("headers of the app", () => {
  test("[HD3] lead redirects to its own local address to the public one", async () => {
    const { origin, localHost } = tunnel;
    const port = localHost.split(":")[1];
    for (const host of ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"]) {
      for (const scheme of ["http:", "https:", ""]) {
        const { location } = await answerOf(["Location", `${scheme}//${host}:${port}/next?a=1#b`], 302);
        expect(location).toBe(`${origin}/next?a=1#b`);
      }
    }
    for (const elsewhere of [
      "/next",
      "https://example.com/x",
      `http://localhost:1${port}/`,
      "next?to=http://localhost:1/",
    ]) {
      expect((await answerOf(["Location", elsewhere], 302))["location"]).toBe(elsewhere);
    }
    const headers = await answerOf([
      ...["Content-Location", `http://${localHost}/item/1`],
      ...["Refresh", `5; url=http://${localHost}/again`],
    ]);
    expect([headers["content-location"], headers["refresh"]]).toEqual([`${origin}/item/1`, `5; url=${origin}/again`]);
  });

  test("[HD4] hold several cookies, in order", async () => {
    const dated = "c=3; Path=/x; Expires=Wed, 21 Oct 2099 07:28:00 GMT; HttpOnly";
    const headers = await answerOf(["Set-Cookie", "a=1", "X-Between", "1", "Set-Cookie", "b=2", "Set-Cookie", dated]);
    expect(headers["set-cookie"]).toEqual(["a=1", "b=2", dated]);
  });

  test("[HD5] may be 200 KiB; with more than 256 KiB there is no answer", async () => {
    const big = "b".repeat(200 * 1024);
    expect((await answerOf(["X-Big", big]))["x-big"]).toBe(big);
    const path = tunnel.serve((_request, response) =>
      response.writeHead(200, { "x-big": "b".repeat(300 * 1024) }).end(),
    );
    expect((await tunnel.ask(path)).status).toBe(502);
  });

  test("[HD6] arrive as UTF-8, also where the app wrote Latin-1", async () => {
    const headers = await answerOf(["X-Utf8", Buffer.from("grün").toString("latin1"), "X-Latin1", "grün"]);
    const asText = (name: string): string => Buffer.from(String(headers[name]), "latin1").toString();
    expect([asText("x-utf8"), asText("x-latin1")]).toEqual(["grün", "grün"]);
  });
});

describe("what stands around a message", () => {
  test("[ST10] interim answers of the app stay on the node; the final one arrives", async () => {
    const path = tunnel.serve((_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.end("final");
    });
    const request = tunnel.start(path).end();
    const interim: number[] = [];
    request.on("information", ({ statusCode }) => interim.push(statusCode));
    const text = await new Promise<string>((resolve, reject) => {
      request.on("response", (message) => void readAll(message).then((bytes) => resolve(bytes.toString()), reject));
      request.on("error", reject);
    });
    expect([text, interim]).toEqual(["final", []]);
  });

  test("[ST10] a client that asks before it sends its body is answered once the body is there", async () => {
    const path = tunnel.serve(async (request, response) => {
      const body = (await readAll(request)).toString();
      response.end(`${body} ${request.headers.expect}`);
    });
    const headers = { Expect: "100-continue", "Content-Length": 5 };
    const request = tunnel.start(path, { method: "POST", headers });
    request.flushHeaders();
    await sleep(200);
    const answer = new Promise<string>((resolve, reject) => {
      request.on("response", (message) => void readAll(message).then((bytes) => resolve(bytes.toString()), reject));
      request.on("error", reject);
    });
    request.end("hello");
    expect(await answer).toBe("hello undefined");
  });

  test("[ST10] trailers are dropped, the body is whole", async () => {
    const path = tunnel.serve((_request, response) => {
      response.writeHead(200, { trailer: "x-sum" });
      response.write("whole ");
      response.addTrailers({ "x-sum": "1" });
      response.end("body");
    });
    const { text, message } = await tunnel.ask(path);
    expect([text, message.trailers, message.headers.trailer]).toEqual(["whole body", {}, undefined]);
  });

  test("[ST10] an upgrade to anything but a WebSocket is an ordinary request", async () => {
    const path = tunnel.serve(({ headers }, response) => response.end(String(headers.upgrade)));
    for (const upgrade of ["h2c", "tus"]) {
      const { status, text } = await tunnel.ask(path, { headers: { Connection: "Upgrade", Upgrade: upgrade } });
      expect([status, text]).toEqual([200, "undefined"]);
    }
  });

  test("one connection carries many requests, also such as do not wait for each other", async () => {
    const path = tunnel.serve(async (request, response) => {
      // The first answers last.
      await sleep(request.url?.endsWith("1") ? 200 : 0);
      response.end(`<${request.url} ${(await readAll(request)).toString()}>`);
    });
    const socket = await tunnel.connect();
    let got = "";
    const all = new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("data", (chunk: Buffer) => {
        got += chunk.toString();
        if (got.match(/<[^<>]*>/g)?.length === 4) resolve();
      });
    });
    const posted = `${tunnel.head("POST", `${path}3`, ["Content-Length: 2"])}hi`;
    socket.write(
      tunnel.head("GET", `${path}1`) + tunnel.head("GET", `${path}2`) + posted + tunnel.head("GET", `${path}4`),
    );
    await all;
    socket.destroy();
    expect(got.match(/<[^<>]*>/g)).toEqual([`<${path}1 >`, `<${path}2 >`, `<${path}3 hi>`, `<${path}4 >`]);
  });

  test("HTTP/1.0 is understood", async () => {
    const path = tunnel.serve((_request, response) => response.end("old and fine"));
    const socket = await tunnel.connect();
    socket.end(tunnel.head("GET", path).replace("HTTP/1.1", "HTTP/1.0"));
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.[01] 200 [^]*old and fine/);
  });
});
