/** An agent inside workerd: dials `/link` over a real WebSocket, says hello, and answers frames as a test tells it. */
import type { Facts, Hosting } from "@roundhouse/protocol/facts";
import { decodeFrame, encodeFrame, type Frame, type HeaderList } from "@roundhouse/protocol/frames";
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import type { AgentHello, AgentMessage, ControlMessage } from "@roundhouse/protocol/messages";
import { Inbox } from "./inbox.ts";
import { ORIGIN, worker } from "./worker.ts";

type Of<T extends string, U extends { type: string }> = Extract<U, { type: T }>;

export class FakeAgent {
  readonly socket: WebSocket;
  readonly #frames = new Inbox<Frame>();
  readonly #messages = new Inbox<ControlMessage>();
  readonly #texts = new Inbox<string>();
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") this.#frames.put(decodeFrame(new Uint8Array(data as ArrayBuffer)));
      else if (data.startsWith("{")) this.#messages.put(JSON.parse(data) as ControlMessage);
      else this.#texts.put(data);
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
    socket.accept();
  }

  send(message: AgentMessage | string): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  frame(frame: Frame): void {
    this.socket.send(encodeFrame(frame));
  }

  /** The next frame of this type that was not taken yet; of this stream, if one is named. */
  nextFrame<T extends Frame["type"]>(type: T, stream?: number): Promise<Of<T, Frame>> {
    const matches = (frame: Frame) => frame.type === type && (stream === undefined || frame.stream === stream);
    return this.#frames.take(`a ${type} frame`, matches) as Promise<Of<T, Frame>>;
  }

  frames(type: Frame["type"], stream: number): Frame[] {
    return this.#frames.peek((frame) => frame.type === type && frame.stream === stream);
  }

  next<T extends ControlMessage["type"]>(type: T): Promise<Of<T, ControlMessage>> {
    return this.#messages.take(type, (message) => message.type === type) as Promise<Of<T, ControlMessage>>;
  }

  messages(type: ControlMessage["type"]): ControlMessage[] {
    return this.#messages.peek((message) => message.type === type);
  }

  /** The runtime's answer to a ping. */
  async ping(): Promise<void> {
    this.send("ping");
    await this.#texts.take("a pong", (text) => text === "pong");
  }

  /** Answers a request on the wire: HEAD, DATA and END. */
  answer(stream: number, status: number, headers: HeaderList, body = ""): void {
    this.frame({ type: "head", stream, head: { status, headers } });
    if (body !== "") this.frame({ type: "data", stream, bytes: utf8(body) });
    this.frame({ type: "end", stream });
  }

  reply(stream: number, status: number, headers: HeaderList = [], body = ""): void {
    this.frame({ type: "reply", stream, head: { status, headers }, body: utf8(body) });
  }

  /** Grants whatever the hub may want to send in a test. */
  grant(stream: number, offset: number): void {
    this.frame({ type: "credit", stream, offset });
  }
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(text));
}

/** Dials without a word. */
export async function dial(key: string): Promise<FakeAgent> {
  const response = await worker.fetch(`${ORIGIN}/link`, {
    headers: { Upgrade: "websocket", Authorization: `Bearer ${key}` },
  });
  if (!response.webSocket) throw new Error(`/link answered ${response.status}: ${await response.text()}`);
  return new FakeAgent(response.webSocket);
}

/** Dials, says hello and waits for the welcome and the first desired. */
export async function connect(key: string, hello: Partial<AgentHello> = {}): Promise<FakeAgent> {
  const agent = await dial(key);
  agent.send(helloOf(hello));
  await agent.next("control.welcome");
  await agent.next("control.desired");
  return agent;
}

export function helloOf(changes: Partial<AgentHello> = {}): AgentHello {
  return {
    type: "agent.hello",
    protocol: { current: 1, oldest: 1 },
    agentVersion: "0.0.0-test",
    bootId: "boot",
    facts: factsOf("machine-1"),
    instances: [],
    unknown: [],
    ...changes,
  };
}

export function factsOf(machineId: string): Facts {
  return {
    hostname: `host of ${machineId}`,
    machineId,
    platform: "local",
    os: { name: "Linux", version: "1", kernel: "6", arch: "x64" },
    cpu: { model: "cpu", cores: 2 },
    memoryTotalBytes: 1,
    disk: { path: "/", totalBytes: 1, freeBytes: 1 },
    gpus: [],
    docker: { available: false, reason: "none" },
    nodeVersion: "24",
    isolation: { mode: "same-user", reason: "test" },
  };
}

export function observedOf(id: string, changes: Partial<ObservedInstance> = {}): ObservedInstance {
  return {
    id,
    generation: 1,
    epoch: 1,
    status: "started",
    since: "2026-01-01T00:00:00.000Z",
    reason: null,
    pid: 1,
    port: 19001,
    ports: [],
    exitCode: null,
    signal: null,
    startedAt: null,
    lastLines: [],
    diskBytes: null,
    exposed: [],
    lapsed: false,
    ...changes,
  };
}

/** Facts of a machine on a platform whose rules may forbid app URLs. */
export function factsWithRule(machineId: string, platform: string): Facts {
  const hosting: Hosting = {
    ...{ detectedBy: "environment", evidence: "X", root: true, container: true, inboundPorts: "none" },
    ...{ persistentRoot: null, survivesStop: "nothing", idleLimitMinutes: null, timeLimitHours: 12 },
    apps: { policy: "confirm", rule: `What ${platform} wants.` },
    mode: { mode: "full" },
  };
  return { ...factsOf(machineId), platform, hosting };
}
