/** What an agent's control messages change: the hub's own memory, D1, and what goes back to the agent. */
import type { Database } from "../../db/database.ts";
import { findSource } from "../../services/blueprint/source.ts";
import { openSecrets } from "../../services/instance/secrets.ts";
import { findNodeName } from "../../services/node/link.ts";
import type { MasterKeys } from "../../services/secret/key.ts";
import type { AgentLink } from "./agent-link.ts";
import type { LinkDeps } from "./link.ts";
import type { Observed } from "./observed.ts";
import type { NodeRecord } from "./record.ts";

export type ReportsDeps = Pick<LinkDeps, "nodeId" | "tuning" | "onLive" | "onMcpChanged" | "onUnknown"> & {
  db: Database;
  keys: MasterKeys;
  link: AgentLink;
  record: NodeRecord;
  observed: Observed;
  /** Writes what was reported to D1, a moment later and once for all that came by then. */
  flushSoon(): Promise<void>;
};

/** The handlers that link.ts calls for one message. */
export function reportHandlers(deps: ReportsDeps): LinkDeps {
  const { nodeId, tuning, onLive, onMcpChanged, onUnknown, db, keys, link, record, observed } = deps;
  return {
    nodeId,
    tuning,
    onLive,
    onMcpChanged,
    onUnknown,
    now: Date.now,
    live: () => link.liveSocket(),
    nodeName: () => findNodeName(db, nodeId),
    onOtherMachine: async (hello) => {
      const notice = `Another machine (${hello.facts.hostname}) showed this node's key and was refused.`;
      await record.notice(notice, link.check()?.seenAt ?? Date.now());
    },
    onObserved: async (message) => {
      observed.put(message.instances);
      observed.putGone(message.gone);
      await deps.flushSoon();
      await record.unknown(message.unknown);
    },
    onFacts: ({ facts, agentVersion }) => record.facts(facts, agentVersion),
    onNeedBlueprint: async (socket, digest) => {
      const source = await findSource(db, digest);
      if (source) socket.send({ type: "control.blueprint", ...source });
      else console.warn(`node ${nodeId} asked for blueprint ${digest}, which is not known`);
    },
    onNeedSecrets: async (socket, instance) => {
      const secrets = await openSecrets(keys, db, nodeId, instance);
      // Meanwhile another link may have taken its place.
      if (!socket.isOpen) return;
      if (secrets) socket.send(secrets);
      else console.warn(`node ${nodeId} asked for secrets of ${JSON.stringify(instance)}, which is none of its own`);
    },
  };
}
