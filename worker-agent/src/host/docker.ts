/** Whether a Docker engine can be reached from here. A capability, never a requirement: rented containers have none. */
import type { DockerFact } from "@roundhouse/protocol/facts";
import { request } from "node:http";
import * as z from "zod";

const DEFAULT_SOCKET = "/var/run/docker.sock";
const ANSWER_LIMIT_MS = 3_000;
const UNIX_SCHEME = "unix://";

const Version = z.object({ Version: z.string() });

/** Never throws: what stands in the way is the `reason`. */
export async function readDocker(dockerHost = process.env["DOCKER_HOST"]): Promise<DockerFact> {
  if (dockerHost && !dockerHost.startsWith(UNIX_SCHEME)) {
    return { available: false, reason: `DOCKER_HOST is ${dockerHost}, but only unix:// sockets are used` };
  }
  const socketPath = engineSocket(dockerHost);
  try {
    const answer = Version.safeParse(JSON.parse(await getVersion(socketPath)));
    if (answer.success) return { available: true, version: answer.data.Version };
    return { available: false, reason: `what listens at ${socketPath} is no Docker engine` };
  } catch (error) {
    return { available: false, reason: explain(error, socketPath) };
  }
}

/** Where the engine listens; DOCKER_HOST may name another socket. */
export function engineSocket(dockerHost = process.env["DOCKER_HOST"]): string {
  return dockerHost?.startsWith(UNIX_SCHEME) ? dockerHost.slice(UNIX_SCHEME.length) : DEFAULT_SOCKET;
}

function getVersion(socketPath: string): Promise<string> {
  return new Promise((done, fail) => {
    const call = request({ socketPath, path: "/version", signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () => done(body));
      response.on("error", fail);
    });
    call.on("error", fail);
    call.end();
  });
}

function explain(error: unknown, socketPath: string): string {
  if (error instanceof SyntaxError) return `what listens at ${socketPath} is no Docker engine`;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return `there is no Docker socket at ${socketPath}`;
  if (code === "EACCES" || code === "EPERM") return `this user may not open ${socketPath}`;
  if (code === "ECONNREFUSED") return `no Docker engine listens at ${socketPath}`;
  if (code === "ABORT_ERR" || code === "23")
    return `the Docker engine at ${socketPath} did not answer within ${ANSWER_LIMIT_MS / 1000} s`;
  return `the Docker socket at ${socketPath} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
}
