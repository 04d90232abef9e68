/** Which host names an instance may have (SPEC AC12). */
import { and, eq, ne } from "drizzle-orm";
import { instances } from "../../db/instances.ts";
import type { Env } from "../../env.ts";
import { namesOf } from "../../hosts.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";

/**
 * Throws `invalid_input` for a host of the deployment's own, or one where browsers keep no cookie of ours, and
 * `hostname_taken`. `ownId` is whose it is to be.
 */
export async function checkHostname({ db, env }: Context, hostname: string, ownId?: string): Promise<void> {
  refuseUnfit(env, hostname);
  const isOther = ownId === undefined ? undefined : ne(instances.id, ownId);
  const [holder] = await db
    .select({ name: instances.name })
    .from(instances)
    .where(and(eq(instances.hostname, hostname), isOther));
  if (holder) throw hostnameTaken(hostname, holder.name);
}

export function hostnameTaken(hostname: string, holder: string | undefined, cause?: unknown): ServiceError {
  const by = holder === undefined ? "another instance" : JSON.stringify(holder);
  return new ServiceError("hostname_taken", `hostname: ${JSON.stringify(hostname)} is the host name of ${by}.`, {
    hint: "Choose another one, or take it from that instance first.",
    cause,
  });
}

function refuseUnfit(env: Env, hostname: string): void {
  const { protocol, publicHostname, appsSuffix } = namesOf(env.PUBLIC_URL, env.APPS_DOMAIN);
  if (hostname === publicHostname) throw ownHost(hostname, "is the dashboard's");
  if (`.${hostname}`.endsWith(appsSuffix)) {
    throw ownHost(hostname, `belongs to the apps' domain ${appsSuffix.slice(1)}`);
  }
  if (protocol === "https:" || hostname.endsWith(".localhost")) return;
  throw new ServiceError("invalid_input", `hostname: ${JSON.stringify(hostname)} cannot be opened over http.`, {
    hint: `Browsers keep the cookie that opens an app on https, and on names below localhost. Serve ${env.PUBLIC_URL} by https (PUBLIC_URL), or give a name such as comfy.localhost.`,
  });
}

function ownHost(hostname: string, why: string): ServiceError {
  return new ServiceError("invalid_input", `hostname: ${JSON.stringify(hostname)} ${why}.`, {
    hint: "Give a host name that nothing else of this deployment has.",
  });
}
