/**
 * The two networks that containers of a data root are on: one that leads nowhere, and one that leads out. Each is made when it
 * is first needed and stays, like the node's folders: many holders use it, and none could tell that it is the last.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import type Docker from "dockerode";
import { statusOf } from "./engine.ts";

const run = promisify(execFile);

/** Containers do not see each other on either. */
const ISOLATED = { "com.docker.network.bridge.enable_icc": "false" };
const LABEL = "dev.roundhouse.root";
/** Where clouds tell a machine its credentials; a container is no machine. */
const LINK_LOCAL = "169.254.0.0/16";

export type NetworkKind = "in" | "out";

/** Of its network, and of its bridge, which has 15 characters at most. */
function nameOf(root: string, kind: NetworkKind): string {
  return `rh-${createHash("sha256").update(root).digest("hex").slice(0, 6)}-${kind}`;
}

/**
 * What the engine leaves open. Inside: the node itself answers on the bridge, and would be asked. Outside: the addresses
 * that only the node is to ask.
 */
function ruleOf(root: string, kind: NetworkKind): [chain: string, ...match: string[]] {
  const from = ["-i", nameOf(root, kind)];
  if (kind === "in") return ["INPUT", ...from, "-m", "conntrack", "--ctstate", "NEW", "-j", "DROP"];
  return ["DOCKER-USER", ...from, "-d", LINK_LOCAL, "-j", "DROP"];
}

/** Its name. `tell` gets what could not be closed: only root may. */
export async function ensureNetwork(
  engine: Docker,
  root: string,
  kind: NetworkKind,
  tell: (line: string) => void,
): Promise<string> {
  const name = nameOf(root, kind);
  await make(engine, root, kind);
  await close(root, kind).catch((error: unknown) => {
    const open = kind === "in" ? "services of this node" : `the addresses ${LINK_LOCAL}`;
    tell(`the container can reach ${open}: ${error instanceof Error ? error.message.trim() : String(error)}`);
  });
  return name;
}

async function make(engine: Docker, root: string, kind: NetworkKind): Promise<void> {
  const name = nameOf(root, kind);
  const found = await engine.listNetworks({ filters: JSON.stringify({ name: [name], label: [`${LABEL}=${root}`] }) });
  if (found.length > 0) return;
  try {
    await engine.createNetwork({
      ...{ Name: name, Driver: "bridge", Internal: kind === "in", CheckDuplicate: true, Labels: { [LABEL]: root } },
      Options: { ...ISOLATED, "com.docker.network.bridge.name": name },
    });
  } catch (error) {
    // Another launch made it at the same moment.
    if (statusOf(error) !== 409) throw error;
  }
}

/** First of its chain: what the engine lets pass comes later. */
async function close(root: string, kind: NetworkKind): Promise<void> {
  const [chain, ...match] = ruleOf(root, kind);
  const isThere = await run("iptables", ["-w", "-C", chain, ...match]).then(
    () => true,
    () => false,
  );
  if (!isThere) await run("iptables", ["-w", "-I", chain, ...match]);
}

/** With what closed them. One that a container is on stays. */
export async function removeNetworks(engine: Docker, root: string): Promise<void> {
  for (const kind of ["in", "out"] as const) {
    try {
      await engine.getNetwork(nameOf(root, kind)).remove();
    } catch (error) {
      if (statusOf(error) === 403) continue;
      if (statusOf(error) !== 404) throw error;
    }
    await open(root, kind);
  }
}

/** As often as the rule is there: two launches at one moment may both have made it. */
async function open(root: string, kind: NetworkKind): Promise<void> {
  const [chain, ...match] = ruleOf(root, kind);
  for (let isThere = true; isThere;) {
    isThere = await run("iptables", ["-w", "-D", chain, ...match]).then(
      () => true,
      () => false,
    );
  }
}
