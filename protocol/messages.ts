/** Control messages: the text frames of the link. The sender is in the name. */
import * as z from "zod";
import { Facts } from "./facts.ts";
import { BlueprintKind, DesiredInstance, ObservedInstance, UnknownInstance } from "./instance.ts";
import { parseJson } from "./json.ts";
import { Policy } from "./policy.ts";
import { DesiredMcpServer } from "./mcp.ts";
import { DesiredProvider } from "./provider.ts";
import { countUnknownKeys } from "./unknown.ts";

const VersionRange = z.object({ current: z.int(), oldest: z.int() });

/** First message on a link (SPEC HS1). */
export const AgentHello = z.object({
  type: z.literal("agent.hello"),
  protocol: VersionRange,
  agentVersion: z.string(),
  /** New with every start of the agent process. */
  bootId: z.string(),
  facts: Facts,
  instances: z.array(ObservedInstance),
  unknown: z.array(UnknownInstance),
});
export type AgentHello = z.infer<typeof AgentHello>;

/** Instances whose observed state changed, tombstones that are done, and what the agent does not recognise (SPEC RC4). */
export const AgentObserved = z.object({
  type: z.literal("agent.observed"),
  instances: z.array(ObservedInstance),
  gone: z.array(z.string()),
  unknown: z.array(UnknownInstance),
});
export type AgentObserved = z.infer<typeof AgentObserved>;

export const AgentFacts = z.object({ type: z.literal("agent.facts"), agentVersion: z.string(), facts: Facts });
export type AgentFacts = z.infer<typeof AgentFacts>;

/** The agent lacks the source of a blueprint that a desired instance names (SPEC RC6). */
export const AgentNeedBlueprint = z.object({ type: z.literal("agent.need_blueprint"), digest: z.string() });
export type AgentNeedBlueprint = z.infer<typeof AgentNeedBlueprint>;

/** A launch needs the values of the secrets that this instance of the node, or this MCP server, names (SPEC EV2, MC3). */
export const AgentNeedSecrets = z.object({ type: z.literal("agent.need_secrets"), instance: z.string() });

/** Something of this MCP server changed: a hint to ask its agent, for its tools too where `tools` is another digest (SPEC MC5). */
export const AgentMcpChanged = z.object({
  type: z.literal("agent.mcp_changed"),
  server: z.string(),
  tools: z.string().nullable(),
});
export type AgentMcpChanged = z.infer<typeof AgentMcpChanged>;

export const AgentMessage = z.discriminatedUnion("type", [
  AgentHello,
  AgentObserved,
  AgentFacts,
  AgentNeedBlueprint,
  AgentNeedSecrets,
  AgentMcpChanged,
]);
export type AgentMessage = z.infer<typeof AgentMessage>;

/** Numbers a deployment may tune without upgrading its agents. Units are in the names. */
export const Tuning = z.object({
  heartbeatIntervalMs: z.int().min(100),
  heartbeatTimeoutMs: z.int().min(200),
  initialWindowBytes: z.int().min(1024),
  maxWindowBytes: z.int().min(1024),
  windowPoolBytes: z.int().min(1024),
  dataFrameBytes: z.int().min(1024),
});
export type Tuning = z.infer<typeof Tuning>;

export const ControlWelcome = z.object({
  type: z.literal("control.welcome"),
  /** The version both will speak from here on. */
  protocol: z.int(),
  nodeId: z.string(),
  nodeName: z.string(),
  tuning: Tuning,
});
export type ControlWelcome = z.infer<typeof ControlWelcome>;

/** Every instance this node should know, whole: the agent compares and acts on the difference (SPEC RC1). */
export const ControlDesired = z.object({
  type: z.literal("control.desired"),
  portPool: z.object({ first: z.int(), last: z.int() }),
  instances: z.array(DesiredInstance),
  /** What tools may do on the node. An older control plane names none: then nothing (SPEC TC3). */
  policy: Policy.nullable().optional(),
  /** Providers of models that are reached through this node (SPEC PV1). An older control plane names none. */
  providers: z.array(DesiredProvider).default([]),
  /** Its MCP servers (SPEC MC1). An older control plane names none. */
  mcpServers: z.array(DesiredMcpServer).default([]),
});
export type ControlDesired = z.infer<typeof ControlDesired>;

export const ControlBlueprint = z.object({
  type: z.literal("control.blueprint"),
  digest: z.string(),
  name: z.string(),
  kind: BlueprintKind,
  source: z.string(),
});
export type ControlBlueprint = z.infer<typeof ControlBlueprint>;

/** The answer to `agent.need_secrets`. It is kept in memory only (SPEC EV3). */
export const ControlSecrets = z.object({
  type: z.literal("control.secrets"),
  instance: z.string(),
  /** Values by the secrets' names; none where `refused`. */
  values: z.record(z.string(), z.string()),
  /** Why they cannot be given: one is gone, or cannot be opened. */
  refused: z.object({ message: z.string(), hint: z.string().optional() }).nullable(),
});
export type ControlSecrets = z.infer<typeof ControlSecrets>;

/** The control plane is about to go away: leave when open requests have ended, and dial again later (SPEC DR1, DR2). */
export const ControlDrain = z.object({
  type: z.literal("control.drain"),
  reconnectAfterMs: z.int().min(0),
  /** How long open requests may go on. An older control plane names none. */
  graceMs: z.int().min(0).default(0),
});
export type ControlDrain = z.infer<typeof ControlDrain>;

export const ControlMessage = z.discriminatedUnion("type", [
  ControlWelcome,
  ControlDesired,
  ControlBlueprint,
  ControlSecrets,
  ControlDrain,
]);
export type ControlMessage = z.infer<typeof ControlMessage>;

export type ParsedMessage<M> =
  /** `unknownKeys`: how many keys a newer peer said that this build does not know (SPEC VS3). */
  | { ok: true; message: M; unknownKeys: number }
  /** A type this build does not know: counted and ignored (SPEC VS3). */
  | { ok: false; why: "unknown_type"; type: string }
  | { ok: false; why: "malformed"; detail: string };

export function parseAgentMessage(text: string): ParsedMessage<AgentMessage> {
  return parseMessage(AgentMessage, text);
}

export function parseControlMessage(text: string): ParsedMessage<ControlMessage> {
  return parseMessage(ControlMessage, text);
}

const Envelope = z.object({ type: z.string() });

function parseMessage<M extends { type: string }>(
  schema: z.ZodDiscriminatedUnion<readonly z.ZodObject<{ type: z.ZodLiteral<M["type"]> }>[]> & z.ZodType<M>,
  text: string,
): ParsedMessage<M> {
  const json = parseJson(text);
  const envelope = Envelope.safeParse(json);
  if (!envelope.success)
    return { ok: false, why: "malformed", detail: "a control message is a JSON object with a type" };
  const { type } = envelope.data;
  const known = schema.options.some((option) => option.shape.type.value === type);
  if (!known) return { ok: false, why: "unknown_type", type };
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, message: parsed.data, unknownKeys: countUnknownKeys(json, parsed.data) };
  return { ok: false, why: "malformed", detail: `${type}: ${z.prettifyError(parsed.error)}` };
}
