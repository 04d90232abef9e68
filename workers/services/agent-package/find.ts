/** The worker agent's package that this control plane serves, as scripts/build.ts has put it among the assets. */
import type { Env } from "../../env.ts";

/** One package is served: the one built with this control plane. Its name carries its contents' hash. */
const SUM_LINE = /^[0-9a-f]{64} {2}(worker-agent-[\w.-]+\.tgz)$/m;

/** The package's file name below `/agent/`. */
export async function findAgentPackage(env: Pick<Env, "ASSETS">): Promise<string> {
  // Assets are addressed by path; the host is of no matter.
  const response = await env.ASSETS.fetch("http://assets.local/agent/SHASUMS256.txt");
  const file = SUM_LINE.exec(await response.text())?.[1];
  if (file !== undefined) return file;
  throw new Error("agent/SHASUMS256.txt among the assets names no package; `npm run build` makes it");
}
