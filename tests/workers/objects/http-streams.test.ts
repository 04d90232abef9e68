import { beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "./fake-agent.ts";
import { makeApp, migrate, type TestApp } from "./harness.ts";

let app: TestApp;
beforeAll(async () => {
  await migrate();
  app = await makeApp();
});

const nobody = (response: Response) => response.body?.cancel();

describe("a request through the hub", () => {
  it("[ST1] names the port of the app's own instance, with method, path and query as they are", async () => {
    const answer = app.fetch("/a%20b/../c?x=%2F&y=1", { method: "PUT", body: "hi" });
    const { stream, head } = await app.agent.nextFrame("open");
    expect(head).toMatchObject({
      kind: "http",
      target: { to: "app", instance: app.instance.id, port: 19001 },
      method: "PUT",
      path: "/c?x=%2F&y=1",
      hasBody: true,
    });
    app.agent.reply(stream, 201, [["x-app", "1"]], "made");
    const response = await answer;
    expect([response.status, response.headers.get("x-app"), await response.text()]).toEqual([201, "1", "made"]);
  });

  it("[ST2] sends a body as DATA and END, and takes HEAD, DATA and END as the answer", async () => {
    const answer = app.fetch("/", { method: "POST", body: "hello" });
    const { stream } = await app.agent.nextFrame("open");
    expect(new TextDecoder().decode((await app.agent.nextFrame("data", stream)).bytes)).toBe("hello");
    await app.agent.nextFrame("end", stream);
    app.agent.answer(stream, 200, [["content-type", "text/plain"]], "world");
    expect(await (await answer).text()).toBe("world");
  });

  it("[ST3] streams both ways at once: the answer begins before the request's body ends", async () => {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const answer = app.fetch("/", { method: "POST", body: readable });
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream, head: { status: 200, headers: [] } });
    const reader = (await answer).body?.getReader();
    for (const word of ["one", "two", "three"]) {
      await writer.write(utf8(word));
      const { bytes } = await app.agent.nextFrame("data", stream);
      app.agent.frame({ type: "data", stream, bytes: Uint8Array.from(bytes) });
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(word);
    }
    await writer.close();
    await app.agent.nextFrame("end", stream);
    app.agent.frame({ type: "end", stream });
    expect((await reader?.read())?.done).toBe(true);
  });

  it("[ST4] ends the app's work when the client leaves while it waits for the head", async () => {
    const gone = new AbortController();
    const answer = app.fetch("/", { signal: gone.signal });
    const { stream } = await app.agent.nextFrame("open");
    gone.abort();
    await expect(answer).rejects.toThrow();
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
  });

  it("[ST4] ends the app's work when the client leaves a response that says nothing", async () => {
    const gone = new AbortController();
    const answer = app.fetch("/events", { signal: gone.signal });
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream, head: { status: 200, headers: [["content-type", "text/event-stream"]] } });
    await answer;
    gone.abort();
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
  });

  it("[ST4] ends the app's work when the client stops reading", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream, head: { status: 200, headers: [] } });
    app.agent.frame({ type: "data", stream, bytes: utf8("first") });
    const reader = (await answer).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    app.agent.frame({ type: "data", stream, bytes: utf8("second") });
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
  });

  it("[ST4] resets when the client's body breaks off, and never takes it for whole", async () => {
    const { readable, writable } = new FixedLengthStream(100);
    const writer = writable.getWriter();
    const answer = app.fetch("/", { method: "POST", body: readable });
    const { stream } = await app.agent.nextFrame("open");
    await writer.write(utf8("half"));
    await app.agent.nextFrame("data", stream);
    await writer.abort(new Error("the client's cable was pulled"));
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
    expect(app.agent.frames("end", stream)).toEqual([]);
    await answer.then(nobody, () => undefined);
  });

  it("[ST4] ends the client's response when the app breaks off", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream, head: { status: 200, headers: [] } });
    app.agent.frame({ type: "data", stream, bytes: utf8("half an ans") });
    const reader = (await answer).body?.getReader();
    await reader?.read();
    app.agent.frame({ type: "reset", stream, code: "unreachable", message: "the app broke off" });
    await expect(reader?.read()).rejects.toThrow();
  });

  it("[ST4] answers 502 when the app breaks off before its head, in words a program can read", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "reset", stream, code: "unreachable", message: "ECONNREFUSED" });
    const response = await answer;
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: "app_unavailable" } });
  });

  it("[ST7] keeps status and headers, several Set-Cookie among them", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    const headers: [string, string][] = [
      ["set-cookie", "a=1; Path=/"],
      ["set-cookie", "b=2, still b; HttpOnly"],
      ["x-many", "1"],
      ["x-many", "2"],
      ["etag", '"abc"'],
    ];
    app.agent.reply(stream, 418, headers, "teapot");
    const response = await answer;
    expect(response.status).toBe(418);
    expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2, still b; HttpOnly"]);
    expect(response.headers.get("x-many")).toBe("1, 2");
    expect(response.headers.get("etag")).toBe('"abc"');
    await nobody(response);
  });

  it("[ST7] passes compressed bytes on as they are", async () => {
    const text = "compressed ".repeat(500);
    const gzipped = new Response(new Response(text).body?.pipeThrough(new CompressionStream("gzip")));
    const bytes = new Uint8Array(await gzipped.arrayBuffer());
    for (const whole of [true, false]) {
      const answer = app.fetch("/", { headers: { "Accept-Encoding": "gzip" } });
      const { stream } = await app.agent.nextFrame("open");
      const head = {
        status: 200,
        headers: [
          ["content-encoding", "gzip"],
          ["content-length", String(bytes.length)],
        ] as [string, string][],
      };
      if (whole) app.agent.frame({ type: "reply", stream, head, body: bytes });
      else {
        app.agent.frame({ type: "head", stream, head });
        app.agent.frame({ type: "data", stream, bytes });
        app.agent.frame({ type: "end", stream });
      }
      const response = await answer;
      expect(response.headers.get("content-encoding")).toBe("gzip");
      // The test's own client takes the encoding off once: what is left is the text, not another layer of gzip.
      expect(await response.text()).toBe(text);
    }
  });

  it("[ST7] gives no body to HEAD, 204 and 304, and keeps the length they state", async () => {
    const head = app.fetch("/", { method: "HEAD" });
    const open = await app.agent.nextFrame("open");
    expect(open.head).toMatchObject({ method: "HEAD", hasBody: false });
    app.agent.reply(open.stream, 200, [["content-length", "1234"]]);
    const answered = await head;
    expect([answered.status, answered.headers.get("content-length"), await answered.text()]).toEqual([200, "1234", ""]);
    for (const status of [204, 304]) {
      const answer = app.fetch("/");
      const { stream } = await app.agent.nextFrame("open");
      app.agent.answer(stream, status, [["x-status", String(status)]]);
      const response = await answer;
      expect([response.status, response.headers.get("x-status"), await response.text()]).toEqual([
        status,
        `${status}`,
        "",
      ]);
    }
  });

  it("[ST8] keeps the length, and breaks a response that ends short of it", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.answer(stream, 200, [["content-length", "10"]], "five!");
    const response = await answer;
    expect(response.headers.get("content-length")).toBe("10");
    await expect(response.text()).rejects.toThrow();
  });

  it("[ST8] breaks a response that says more than its length, and resets the app's side", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream, head: { status: 200, headers: [["content-length", "3"]] } });
    app.agent.frame({ type: "data", stream, bytes: utf8("four") });
    await expect(answer.then((response) => response.text())).rejects.toThrow();
    await app.agent.nextFrame("reset", stream);
  });

  it("answers 502 for a status or header that HTTP does not know, and keeps the link", async () => {
    for (const head of [
      { status: 101, headers: [] },
      { status: 200, headers: [["bad name", "x"]] as [string, string][] },
    ]) {
      const answer = app.fetch("/");
      const { stream } = await app.agent.nextFrame("open");
      app.agent.frame({ type: "reply", stream, head, body: new Uint8Array() });
      expect((await answer).status).toBe(502);
      expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "protocol" });
    }
  });
});

describe("frames that do not belong", () => {
  it("[FR9] are ignored when their stream is not known (any more)", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.reply(stream, 200, [], "done");
    await (await answer).text();
    app.agent.frame({ type: "data", stream, bytes: utf8("late") });
    app.agent.frame({ type: "end", stream });
    app.agent.frame({ type: "reset", stream: stream + 999, code: "cancelled", message: "" });
    await expectAlive();
  });

  it("[FR3] reset a stream that the agent opens over", async () => {
    const answer = app.fetch("/");
    const { stream, head } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "open", stream, head });
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "protocol" });
    expect((await answer).status).toBe(502);
  });

  it("[ST2] reset a response that breaks the order of frames", async () => {
    for (const type of ["data", "end", "second head"] as const) {
      const answer = app.fetch("/");
      const { stream } = await app.agent.nextFrame("open");
      const head = { status: 200, headers: [] };
      if (type === "data") app.agent.frame({ type: "data", stream, bytes: utf8("x") });
      else if (type === "end") app.agent.frame({ type: "end", stream });
      else for (let n = 0; n < 2; n++) app.agent.frame({ type: "head", stream, head });
      expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "protocol" });
      await answer.then(nobody);
    }
  });
});

async function expectAlive(): Promise<void> {
  const answer = app.fetch("/alive");
  const { stream } = await app.agent.nextFrame("open");
  app.agent.reply(stream, 200, [], "alive");
  expect(await (await answer).text()).toBe("alive");
}
