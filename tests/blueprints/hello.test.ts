/** The hello app, run as its blueprint runs it. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { pickPort } from "../../worker-agent/src/host/ports.ts";

const SCRIPT = join(import.meta.dirname, "../../blueprints/hello/blueprint.sh");

let dir: string;
let port: number;
let app: ChildProcess;
let base: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "hello-"));
  port = (await pickPort({ pool: { first: 23_100, last: 23_999 }, taken: [] })) ?? 0;
  base = `http://127.0.0.1:${port}`;
  const env = { ...process.env, INSTANCE_CONF_DIR: dir, WEBUI_PORT: String(port), CUDA_VISIBLE_DEVICES: "0,2" };
  app = spawn("bash", [SCRIPT], { env, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((ready) => app.stdout?.once("data", ready));
});
afterAll(() => {
  app.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

describe("over HTTP, hello", () => {
  it("shows the request as it came, with nothing in it taken for markup", async () => {
    const response = await fetch(`${base}/?a=<b>`, { headers: { "x-test": "<script>" } });
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const page = await response.text();
    expect(page).toContain("&#60;script&#62;");
    expect(page).not.toContain("<dd><script>");
    const facts = await (await fetch(`${base}/request`, { method: "PUT" })).json();
    expect(facts).toMatchObject({ method: "PUT", path: "/request", host: `127.0.0.1:${port}`, gpus: "0,2" });
  });

  it("streams a body back while it is still being sent", async () => {
    const sent = randomBytes(300_000);
    const response = await fetch(`${base}/echo`, {
      method: "POST",
      body: sent,
      headers: { "content-type": "image/png" },
    });
    expect(response.headers.get("content-type")).toBe("image/png");
    expect(Buffer.from(await response.arrayBuffer()).equals(sent)).toBe(true);
  });

  it("sends as many bytes as asked", async () => {
    expect((await (await fetch(`${base}/bytes?n=1234567`)).arrayBuffer()).byteLength).toBe(1_234_567);
    expect((await (await fetch(`${base}/bytes?n=-5`)).arrayBuffer()).byteLength).toBe(0);
  });

  it("ticks, waits and answers with any status", async () => {
    const events = await fetch(`${base}/events`);
    const first = await events.body?.getReader().read();
    expect(Buffer.from(first?.value ?? []).toString()).toMatch(/^event: tick\nid: 0\ndata: \{"count":0,/);
    expect(await (await fetch(`${base}/slow?ms=50`)).json()).toEqual({ waitedMs: 50 });
    const statuses = ["status/418", "status/204", "status/999", "nowhere", "__proto__"];
    const answers = await Promise.all(statuses.map(async (path) => (await fetch(`${base}/${path}`)).status));
    expect(answers).toEqual([418, 204, 404, 404, 404]);
  });
});

describe("over a WebSocket, hello", () => {
  it("echoes text, binary, fragments and pings, and closes with the same code", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/any/path`, ["first", "second"]);
    const seen: string[] = [];
    socket.on("message", (data: Buffer, isBinary) => seen.push(isBinary ? `binary ${data.length}` : data.toString()));
    socket.on("pong", (data) => seen.push(`pong ${data.toString()}`));
    await new Promise((open) => socket.once("open", open));
    expect(socket.protocol).toBe("first");
    socket.send("grüße");
    socket.send(Buffer.alloc(70_000));
    socket.send("a", { fin: false });
    socket.ping("now");
    socket.send("b", { fin: true });
    socket.send("");
    await until(() => seen.length === 5);
    expect(seen).toEqual(["grüße", "binary 70000", "pong now", "ab", ""]);
    const closed = new Promise<number>((done) => socket.once("close", done));
    socket.close(3001);
    expect(await closed).toBe(3001);
  });

  it.each([
    ["an unmasked frame", [0x81, 0x01, 0x41], 1002],
    ["a reserved bit", [0xc1, 0x80, 0, 0, 0, 0], 1002],
    ["a fragment of nothing", [0x80, 0x80, 0, 0, 0, 0], 1002],
    ["an unknown opcode", [0x83, 0x80, 0, 0, 0, 0], 1002],
    ["a fragmented ping", [0x09, 0x80, 0, 0, 0, 0], 1002],
    ["text that is not UTF-8", [0x81, 0x81, 0, 0, 0, 0, 0xff], 1007],
    ["a message too big", [0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], 1009],
  ])("answers %s with a close", async (_what, bytes, code) => {
    const socket = await rawWebSocket();
    socket.write(Buffer.from(bytes));
    const frame = await new Promise<Buffer>((done) => socket.once("data", done));
    expect([frame[0], frame.readUInt16BE(2)]).toEqual([0x88, code]);
    socket.destroy();
  });
});

describe("when it is told to end, hello", () => {
  it("does so at once, open connections or not", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    await new Promise((open) => socket.once("open", open));
    socket.on("error", () => undefined);
    const ended = new Promise((done) => app.once("exit", (code) => done(code)));
    app.kill("SIGTERM");
    expect(await ended).toBe(0);
  });
});

async function rawWebSocket(): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.write(
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  const head = await new Promise<Buffer>((done) => socket.once("data", done));
  expect(head.toString()).toContain("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  return socket;
}

async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isDone(); i++) await new Promise((resume) => setTimeout(resume, 20));
}
