import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HeaderList } from "@roundhouse/protocol/frames";
import { fromApp, toApp } from "../../../worker-agent/src/link/headers.ts";
import { linked, startApp } from "./gateway.ts";

const PUBLIC: HeaderList = [
  ["host", "hello.apps.example"],
  ["x-forwarded-host", "hello.apps.example"],
  ["x-forwarded-proto", "https"],
  ["x-forwarded-for", "1.2.3.4"],
];
const raw = (headers: HeaderList) => headers.flat();

describe("headers for the app", () => {
  it("[HD1] name its local address in Host, Origin and Referer in place of the public one", () => {
    const seen = toApp(
      [
        ...PUBLIC,
        ["Origin", "https://hello.apps.example"],
        ["referer", "https://hello.apps.example/a?b=https://hello.apps.example/"],
      ],
      19001,
    );
    expect({ ...seen }).toEqual({
      host: "127.0.0.1:19001",
      origin: "http://127.0.0.1:19001",
      referer: "http://127.0.0.1:19001/a?b=https://hello.apps.example/",
      "x-forwarded-host": "hello.apps.example",
      "x-forwarded-proto": "https",
      "x-forwarded-for": "1.2.3.4",
    });
  });

  it("[HD1] leave a foreign Origin and Referer as they are", () => {
    for (const foreign of [
      "https://evil.example",
      "null",
      "https://hello.apps.example.evil",
      "http://hello.apps.example",
    ]) {
      const seen = toApp([...PUBLIC, ["origin", foreign], ["referer", `${foreign}/x`]], 19001);
      expect([seen["origin"], seen["referer"]]).toEqual([foreign, `${foreign}/x`]);
    }
  });

  it("[ST7] carry everything but what belongs to one connection", () => {
    const names = [
      "Connection",
      "Keep-Alive",
      "Transfer-Encoding",
      "TE",
      "Trailer",
      "Upgrade",
      "Expect",
      "Proxy-Authorization",
    ];
    const seen = toApp([...names.map((name): [string, string] => [name, "x"]), ["authorization", "Basic x"]], 1);
    expect({ ...seen }).toEqual({ host: "127.0.0.1:1", authorization: "Basic x" });
  });

  it("[ST7] keep every other name and value, repeated ones in order", () => {
    const name = fc.oneof(
      fc.stringMatching(/^x-[a-z]{1,8}$/),
      fc.constantFrom("constructor", "__proto__", "tostring", "cookie"),
    );
    const value = fc.stringMatching(/^[\x21-\x7e]{0,20}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (headers) => {
        const { host, ...seen } = toApp(headers, 1);
        expect(host).toBe("127.0.0.1:1");
        const wanted = Map.groupBy(headers, ([key]) => key);
        expect(Object.keys(seen).length).toBe(wanted.size);
        for (const [key, pairs] of wanted) expect([seen[key]].flat()).toEqual(pairs.map(([, text]) => text));
      }),
    );
  });
});

describe("headers of the app", () => {
  const location = (value: string) => fromApp(["Location", value], PUBLIC, 19001)[0]?.[1];

  it("[HD3] lead a redirect to its own local address to its public one", () => {
    for (const host of ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "LOCALHOST"]) {
      expect(location(`http://${host}:19001/next?a#b`)).toBe("https://hello.apps.example/next?a#b");
    }
    expect(location("http://127.0.0.1:19001")).toBe("https://hello.apps.example");
    expect(location("http://127.0.0.1:19001?x")).toBe("https://hello.apps.example?x");
  });

  it("[HD3] name its public address wherever they say where something is", () => {
    const named = (name: string, value: string) => fromApp([name, value], PUBLIC, 19001)[0]?.[1];
    expect(named("Content-Location", "http://localhost:19001/a")).toBe("https://hello.apps.example/a");
    expect(named("Location", "//[::]:19001/a")).toBe("https://hello.apps.example/a");
    for (const before of ["0; url=", "5;URL=", "1.5 , url = '", "3; "]) {
      expect(named("Refresh", `${before}http://127.0.0.1:19001/a`)).toBe(`${before}https://hello.apps.example/a`);
    }
    for (const other of ["5", "5; url=/a", "0; url=http://127.0.0.1:19002/", "0; url=/a?u=http://127.0.0.1:19001/"]) {
      expect(named("Refresh", other)).toBe(other);
    }
    expect(named("X-Else", "http://127.0.0.1:19001/")).toBe("http://127.0.0.1:19001/");
  });

  it("[HD3] leave any other redirect as it is", () => {
    for (const other of [
      "/relative",
      "next",
      "https://elsewhere.example/",
      "http://127.0.0.1:19002/",
      "http://127.0.0.1:190011/",
      "http://127.0.0.1:19001.evil.example/",
      "http://127.0.0.1:19001@evil.example/",
      "http://127.0.0.1/",
    ]) {
      expect(location(other)).toBe(other);
    }
  });

  it("[ST7] keep order, repetition and values, and lose what belongs to one connection", () => {
    const headers: HeaderList = [
      ["Set-Cookie", "a=1"],
      ["Connection", "keep-alive"],
      ["X-A", "1"],
      ["Set-Cookie", "b=2"],
      ["Transfer-Encoding", "chunked"],
    ];
    expect(fromApp(raw(headers), PUBLIC, 1)).toEqual([
      ["set-cookie", "a=1"],
      ["x-a", "1"],
      ["set-cookie", "b=2"],
    ]);
  });

  it("[ST7] survive a round through an app as the bytes they are", async () => {
    const { port } = await startApp((request, response) =>
      response.writeHead(200, { "x-back": request.headers["x-there"] ?? "" }).end(),
    );
    const peer = await linked([port]);
    const values = ["plain", "grüße", "日本 😀", 'attachment; filename="é.png"'];
    for (const [index, value] of values.entries()) {
      peer.open(port, { headers: [["x-there", value]] }, index + 1);
      expect((await peer.answer(index + 1)).headers["x-back"]).toBe(value);
    }
  });
});
