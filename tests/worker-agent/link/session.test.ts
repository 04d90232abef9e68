import { describe, expect, it, vi } from "vitest";
import { LINK_CLOSE } from "@roundhouse/protocol/close-codes";
import { Backoff } from "../../../worker-agent/src/link/backoff.ts";
import { startHeartbeat } from "../../../worker-agent/src/link/heartbeat.ts";
import { eventually, startApp, startGateway, startLink, startSocketApp } from "./gateway.ts";

describe("a session", () => {
  it("[HS1] shows the node's key, and says hello first", async () => {
    const gateway = await startGateway();
    const { link } = startLink(gateway);
    link.send({ type: "agent.need_blueprint", digest: "too early" });
    const peer = await gateway.peer();
    expect(peer.authorization).toBe("Bearer rhn_test");
    expect(await peer.welcome()).toMatchObject({ type: "agent.hello", protocol: { current: 1, oldest: 1 } });
    await eventually(() => expect(peer.pings).toBe(1));
    link.send({ type: "agent.need_blueprint", digest: "d" });
    expect(await peer.next("agent.need_blueprint")).toMatchObject({ digest: "d" });
  });

  it("[HS3] takes what the control plane says after it", async () => {
    const gateway = await startGateway();
    const heard: string[] = [];
    const hear = (message: { type: string }) => void heard.push(message.type);
    startLink(gateway, { onWelcome: hear, onDesired: hear, onBlueprint: hear });
    const peer = await gateway.peer();
    await peer.welcome();
    peer.send({
      type: "control.desired",
      portPool: { first: 1, last: 2 },
      instances: [],
      providers: [],
      mcpServers: [],
    });
    peer.send({ type: "control.blueprint", digest: "d", name: "n", kind: "bash", source: "s" });
    await eventually(() => expect(heard).toEqual(["control.welcome", "control.desired", "control.blueprint"]));
  });

  it("[HS2] gives up when its key is not known, and says so", async () => {
    const gateway = await startGateway();
    gateway.status = 401;
    const { link } = startLink(gateway);
    expect(await link.over).toMatchObject({ why: "refused", message: expect.stringContaining("join again") });
  });

  it("[CL1] dials again after any other answer than a socket", async () => {
    const gateway = await startGateway();
    gateway.status = 503;
    const { lines } = startLink(gateway);
    await eventually(() => expect(lines.join()).toContain("HTTP status 503"));
    gateway.status = 101;
    await (await gateway.peer()).welcome();
  });

  it("[CL1] ends for good when it was replaced or removed", async () => {
    for (const reason of ["replaced", "removed"] as const) {
      const gateway = await startGateway();
      const { link } = startLink(gateway);
      const peer = await gateway.peer();
      await peer.welcome();
      peer.socket.close(LINK_CLOSE[reason].code);
      expect(await link.over).toMatchObject({ why: reason });
    }
  });

  it("[CL1] dials again later after a close that only time mends, and soon after any other", async () => {
    for (const [code, wait] of [
      [LINK_CLOSE.otherMachine.code, /again in 30\.0 s/],
      [LINK_CLOSE.agentTooOld.code, /again in 30\.0 s/],
      [LINK_CLOSE.malformed.code, /again in 30\.0 s/],
      [LINK_CLOSE.silent.code, /again in 0\.[0-3] s/],
      [1011, /again in 0\.[0-3] s/],
    ] as const) {
      const gateway = await startGateway();
      const { lines } = startLink(gateway);
      const peer = await gateway.peer();
      await peer.welcome();
      peer.socket.close(code);
      await eventually(() => expect(lines.at(-1)).toMatch(wait));
    }
  });

  it("[CL1] dials again soon when the connection breaks without a word", async () => {
    const gateway = await startGateway();
    startLink(gateway);
    const peer = await gateway.peer();
    await peer.welcome();
    peer.socket.terminate();
    await (await gateway.peer()).welcome();
  });

  it("[DR1] dials again when it was asked to, after the time it was told", async () => {
    const gateway = await startGateway();
    const { lines } = startLink(gateway);
    const peer = await gateway.peer();
    await peer.welcome();
    // As an older control plane says it, which knows no grace.
    peer.send(JSON.stringify({ type: "control.drain", reconnectAfterMs: 50 }));
    expect((await peer.closed).code).toBe(1000);
    await (await gateway.peer()).welcome();
    expect(lines.at(-1)).toContain("the control plane asked for it");
  });

  it("[DR1] waits as long as it was told also when the link breaks before it left", async () => {
    const gateway = await startGateway();
    const { lines, ports } = startLink(gateway);
    const { port } = await startApp(() => undefined);
    ports.push(port);
    const peer = await gateway.peer();
    await peer.welcome();
    peer.open(port);
    peer.send({ type: "control.drain", reconnectAfterMs: 40, graceMs: 60_000 });
    peer.socket.terminate();
    await (await gateway.peer()).welcome();
    expect(lines).toEqual([expect.stringContaining("dialling again in 0.0 s")]);
  });

  it("[DR2] lets open requests end before it leaves, and new ones that were under way", async () => {
    const gateway = await startGateway();
    const { ports } = startLink(gateway);
    const answers: (() => void)[] = [];
    const { port } = await startApp((request, response) => {
      answers.push(() => response.end(`late ${request.url}`));
    });
    ports.push(port);
    const peer = await gateway.peer();
    await peer.welcome();
    peer.open(port, { path: "/1" }, 1);
    await eventually(() => expect(answers).toHaveLength(1));
    peer.send({ type: "control.drain", reconnectAfterMs: 10, graceMs: 60_000 });
    peer.open(port, { path: "/2" }, 2);
    await eventually(() => expect(answers).toHaveLength(2));
    expect(peer.socket.readyState).toBe(peer.socket.OPEN);
    for (const answer of answers) answer();
    expect([(await peer.answer(1)).body, (await peer.answer(2)).body]).toEqual(["late /1", "late /2"]);
    expect((await peer.closed).code).toBe(1000);
    await (await gateway.peer()).welcome();
  });

  it("[DR2] waits neither for WebSockets nor longer than its grace", async () => {
    for (const kind of ["websocket", "http"] as const) {
      const gateway = await startGateway();
      const { ports } = startLink(gateway);
      const port =
        kind === "http"
          ? (await startApp(() => undefined)).port
          : await startSocketApp({}, (socket) => socket.send("x"));
      ports.push(port);
      const peer = await gateway.peer();
      await peer.welcome();
      peer.open(port, { kind });
      if (kind === "websocket") await peer.nextFrame("message");
      peer.send({ type: "control.drain", reconnectAfterMs: 10, graceMs: kind === "http" ? 100 : 60_000 });
      expect((await peer.closed).code).toBe(1000);
      await (await gateway.peer()).welcome();
    }
  });

  it("dials again when no hello can be said", async () => {
    const gateway = await startGateway();
    let tries = 0;
    const facts = () => Promise.reject(new Error("no facts today"));
    const { lines } = startLink(gateway, { hello: () => ((tries += 1), facts()) });
    await gateway.peer();
    await eventually(() => expect(tries).toBeGreaterThan(1));
    expect(lines[0]).toContain("no facts today");
  });

  it("[VS3] ignores message and frame types that it does not know", async () => {
    const gateway = await startGateway();
    const unknown: string[] = [];
    startLink(gateway, { onUnknown: (what) => unknown.push(what) });
    const peer = await gateway.peer();
    await peer.welcome();
    peer.send(JSON.stringify({ type: "control.of_tomorrow", x: 1 }));
    peer.socket.send(Uint8Array.of(200, 0, 0, 0, 1, 9));
    peer.send(
      JSON.stringify({ type: "control.desired", portPool: { first: 1, last: 2, odd: true }, instances: [], shiny: {} }),
    );
    await expectAlive(peer);
    expect(unknown).toEqual(["messages of the type control.of_tomorrow", "frame type 200"]);
  });

  it("[FR8] closes the link on a frame or message that cannot be read", async () => {
    for (const message of [Uint8Array.of(7, 0, 0, 0, 1), Uint8Array.of(4, 0, 0, 0, 0), "{}", "[1"]) {
      const gateway = await startGateway();
      startLink(gateway);
      const peer = await gateway.peer();
      await peer.welcome();
      peer.socket.send(message);
      expect((await peer.closed).code).toBe(LINK_CLOSE.malformed.code);
    }
  });

  it("[FR9] ignores frames of streams that it does not know", async () => {
    const gateway = await startGateway();
    startLink(gateway);
    const peer = await gateway.peer();
    await peer.welcome();
    peer.data("late", 77);
    peer.frame({ type: "credit", stream: 77, offset: 5 });
    peer.frame({ type: "reset", stream: 77, code: "cancelled", message: "" });
    await expectAlive(peer);
  });

  it("stops at once when it is told to", async () => {
    const gateway = await startGateway();
    const { link } = startLink(gateway);
    const peer = await gateway.peer();
    await peer.welcome();
    link.stop();
    expect(await link.over).toEqual({ why: "stopped" });
    expect((await peer.closed).code).toBe(1001);
  });

  it("stops while it waits to dial again", async () => {
    const gateway = await startGateway();
    const { link, lines } = startLink(gateway);
    const peer = await gateway.peer();
    await peer.welcome();
    peer.socket.close(LINK_CLOSE.otherMachine.code);
    await eventually(() => expect(lines).toHaveLength(1));
    link.stop();
    expect(await link.over).toEqual({ why: "stopped" });
  });
});

describe("the heartbeat", () => {
  it("[HB2] drops a link whose other end answers nothing, and dials again", async () => {
    const gateway = await startGateway();
    const { lines } = startLink(gateway);
    const peer = await gateway.peer();
    peer.answersPings = false;
    await peer.welcome({ heartbeatIntervalMs: 100, heartbeatTimeoutMs: 300 });
    const again = await gateway.peer();
    expect(peer.pings).toBeGreaterThan(1);
    expect(lines[0]).toContain("no heartbeat was answered");
    await again.welcome();
  });

  it("[HB1] pings at once and then each interval; [HB2] anything that is heard counts", () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    try {
      const sent: string[] = [];
      const onSilent = vi.fn<() => void>();
      const beat = startHeartbeat({ intervalMs: 100, timeoutMs: 300, send: (text) => sent.push(text), onSilent });
      expect(sent).toEqual(["ping"]);
      vi.advanceTimersByTime(250);
      expect(sent).toHaveLength(3);
      beat.heard();
      vi.advanceTimersByTime(300);
      expect(onSilent).not.toHaveBeenCalled();
      vi.advanceTimersByTime(100);
      expect(onSilent).toHaveBeenCalled();
      beat.stop();
      const count = sent.length;
      vi.advanceTimersByTime(1_000);
      expect(sent).toHaveLength(count);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("back-off", () => {
  it("[CL1] grows to half a minute, between half of each step and the whole of it", () => {
    const [least, most] = [new Backoff(() => 0), new Backoff(() => 1)];
    const steps = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 30_000];
    expect(steps.map(() => most.next())).toEqual(steps);
    expect(steps.map(() => least.next())).toEqual(steps.map((step) => step / 2));
  });

  it("[CL1] is short again after a stable minute, and soon after a link that held a little", () => {
    const backoff = new Backoff(() => 1);
    for (let n = 0; n < 6; n += 1) backoff.next();
    backoff.held(0);
    expect(backoff.next()).toBe(30_000);
    backoff.held(1_000);
    expect(backoff.next()).toBe(1_000);
    backoff.held(60_000);
    expect(backoff.next()).toBe(250);
  });

  it("[CL1] counts how long a link held that broke without a close frame", async () => {
    const held = vi.spyOn(Backoff.prototype, "held");
    const gateway = await startGateway();
    startLink(gateway);
    const peer = await gateway.peer();
    await peer.welcome();
    await eventually(() => expect(peer.pings).toBe(1));
    peer.answersPings = false;
    // A frame that no WebSocket may send: the agent's end fails with an error, not with a close.
    (peer.socket as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket.write(Uint8Array.of(0xff, 0));
    await (await gateway.peer()).welcome();
    expect(held.mock.calls[0]?.[0]).toBeGreaterThan(0);
    held.mockRestore();
  });
});

async function expectAlive(peer: Awaited<ReturnType<Awaited<ReturnType<typeof startGateway>>["peer"]>>): Promise<void> {
  const { port } = await startApp((_request, response) => response.end("x"));
  peer.open(port, {}, 99);
  expect(await peer.nextFrame("reset", 99)).toMatchObject({ code: "refused" });
}
