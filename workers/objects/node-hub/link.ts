/** The agent's end of the link as the hub sees it: handshake, control messages, loss (SPEC HS1–HS6, RC1–RC6). */
import { LINK_CLOSE, type LinkCloseReason } from "@roundhouse/protocol/close-codes";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import {
  type AgentHello,
  type AgentMcpChanged,
  type AgentMessage,
  type ControlMessage,
  parseAgentMessage,
  type Tuning,
} from "@roundhouse/protocol/messages";
import { agreeVersion, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from "@roundhouse/protocol/version";
import type { UnknownKind } from "@roundhouse/protocol/unknown";
import { isSilent } from "./heartbeat.ts";

/** Kept on the agent's socket, so that it survives hibernation. */
export type LinkState =
  | { role: "agent"; phase: "pending"; connectedAt: number }
  | { role: "agent"; phase: "live"; connectedAt: number; machineId: string; bootId: string; drain?: Draining }
  /** Closed by us; the close handshake of a dead peer may never finish. */
  | { role: "agent"; phase: "ended"; connectedAt: number };

/** The agent was asked to leave (SPEC DR3): until when no stream is opened, and when it may be back (Unix ms). */
export type Draining = { refuseUntil: number; backAt: number };

/** The agent's socket, as far as the handshake needs it. */
export type LinkSocket = {
  readonly id: string;
  readonly linkState: LinkState;
  readonly lastPingAt: number | null;
  readonly isOpen: boolean;
  save(state: LinkState): void;
  send(message: ControlMessage): void;
  close(reason: LinkCloseReason): void;
};

export type LinkDeps = {
  nodeId: string;
  tuning: Tuning;
  now(): number;
  /** The live link, if there is one. */
  live(): LinkSocket | undefined;
  nodeName(): Promise<string | undefined>;
  onLive(hello: AgentHello): Promise<void>;
  /** A second machine showed this node's key while the first was live. */
  onOtherMachine(hello: AgentHello): Promise<void>;
  onObserved(message: Extract<AgentMessage, { type: "agent.observed" }>): Promise<void>;
  onFacts(message: Extract<AgentMessage, { type: "agent.facts" }>): Promise<void>;
  onNeedBlueprint(socket: LinkSocket, digest: string): Promise<void>;
  onNeedSecrets(socket: LinkSocket, instance: string): Promise<void>;
  onMcpChanged(message: AgentMcpChanged): void;
  /** The agent said this many words that are not known here (SPEC VS3). */
  onUnknown(kind: UnknownKind, count: number): void;
};

/** Handles one text message of an agent's socket. */
export async function handleAgentText(deps: LinkDeps, socket: LinkSocket, text: string): Promise<void> {
  const parsed = parseAgentMessage(text);
  if (!parsed.ok) {
    if (socket.linkState.phase === "pending") return socket.close("helloExpected");
    if (parsed.why === "malformed") {
      console.warn(`node ${deps.nodeId}: malformed control message: ${parsed.detail}`);
      socket.close("malformed");
    } else deps.onUnknown("message", 1);
    return;
  }
  const { message, unknownKeys } = parsed;
  if (unknownKeys > 0) deps.onUnknown("key", unknownKeys);
  if (message.type === "agent.hello") return handleHello(deps, socket, message);
  if (socket.linkState.phase !== "live") return socket.close("helloExpected");
  switch (message.type) {
    case "agent.observed":
      return deps.onObserved(message);
    case "agent.facts":
      return deps.onFacts(message);
    case "agent.need_blueprint":
      return deps.onNeedBlueprint(socket, message.digest);
    case "agent.need_secrets":
      return deps.onNeedSecrets(socket, message.instance);
    case "agent.mcp_changed":
      return deps.onMcpChanged(message);
    default:
      return unreachable(message);
  }
}

async function handleHello(deps: LinkDeps, socket: LinkSocket, hello: AgentHello): Promise<void> {
  const ours = { current: PROTOCOL_VERSION, oldest: OLDEST_PROTOCOL_VERSION };
  const protocol = agreeVersion(ours, hello.protocol);
  if (protocol === undefined) {
    return socket.close(hello.protocol.current < ours.oldest ? "agentTooOld" : "controlTooOld");
  }
  const name = await deps.nodeName();
  // A socket that closed meanwhile must not push a living one out.
  if (!socket.isOpen) return;
  if (name === undefined) return socket.close("removed");
  if (!(await takeOver(deps, socket, hello))) return;
  socket.save({
    role: "agent",
    phase: "live",
    connectedAt: socket.linkState.connectedAt,
    machineId: hello.facts.machineId,
    bootId: hello.bootId,
  });
  socket.send({ type: "control.welcome", protocol, nodeId: deps.nodeId, nodeName: name, tuning: deps.tuning });
  await deps.onLive(hello);
}

/** One machine holds the link. The same machine's newest connection wins; another one waits for the first to be lost. */
async function takeOver(deps: LinkDeps, socket: LinkSocket, hello: AgentHello): Promise<boolean> {
  const live = deps.live();
  if (!live || live.id === socket.id) return true;
  const { linkState } = live;
  const sameMachine = linkState.phase === "live" && linkState.machineId === hello.facts.machineId;
  const beat = { lastPingAt: live.lastPingAt, connectedAt: linkState.connectedAt };
  if (sameMachine || isSilent(beat, deps.now(), deps.tuning.heartbeatTimeoutMs)) {
    live.close(sameMachine ? "replaced" : "silent");
    return true;
  }
  await deps.onOtherMachine(hello);
  socket.close("otherMachine");
  return false;
}

/** Close code and reason text for the wire. */
export function closeFrame(reason: LinkCloseReason): { code: number; reason: string } {
  const { code, meaning } = LINK_CLOSE[reason];
  return { code, reason: meaning };
}
