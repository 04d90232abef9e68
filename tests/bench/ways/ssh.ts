/** OpenSSH's `-R`: a server of our own on loopback, with its own configuration, host key and user key in a temporary folder. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { installDebianPackages } from "../../../scripts/debian.ts";
import { freePort } from "../../e2e/house.ts";
import { Program } from "./program.ts";
import { standing, type Way } from "./target.ts";

const SERVER = "/usr/sbin/sshd";

/** Its server does not serve by itself in a container; elsewhere installing it would open this machine's port 22. */
export function installSsh(): void {
  const isService = existsSync("/run/systemd/system") && !existsSync(SERVER);
  if (isService)
    throw new Error("the comparison needs sshd; as root: apt-get install openssh-server (it starts a service)");
  installDebianPackages({ ssh: "openssh-client", sshd: "openssh-server" });
}

export async function openSsh(appPort: number, temp: string, later: AsyncDisposableStack): Promise<Way> {
  const connect = await openSshServer(temp, later);
  const port = await freePort();
  const forward = `127.0.0.1:${port}:127.0.0.1:${appPort}`;
  const client = new Program("ssh", "ssh", ["-N", "-o", "ExitOnForwardFailure=yes", "-R", forward, ...connect]);
  later.defer(() => client.end());
  await client.untilListening(port);
  return standing("ssh", { port, headers: {} });
}

/** A server of our own. Answers the arguments with which `ssh` gets to it. */
export async function openSshServer(temp: string, later: AsyncDisposableStack): Promise<string[]> {
  const folder = join(temp, "ssh");
  mkdirSync(folder, { mode: 0o700 });
  for (const key of ["host", "user"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, key)]);
  copyFileSync(join(folder, "user.pub"), join(folder, "authorized"));
  const port = await freePort();
  writeFileSync(join(folder, "config"), serverConfig(folder, port));
  // As root, sshd wants this folder, which Debian makes when it starts the service.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const server = new Program("sshd", SERVER, ["-D", "-e", "-f", join(folder, "config")]);
  later.defer(() => server.end());
  await server.untilListening(port);
  return clientArguments(folder, port);
}

function serverConfig(folder: string, port: number): string {
  return `Port ${port}
ListenAddress 127.0.0.1
HostKey ${join(folder, "host")}
AuthorizedKeysFile ${join(folder, "authorized")}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
`;
}

function clientArguments(folder: string, port: number): string[] {
  const options = {
    BatchMode: "yes",
    IdentitiesOnly: "yes",
    StrictHostKeyChecking: "no",
    UserKnownHostsFile: "/dev/null",
    LogLevel: "ERROR",
  };
  const set = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  return ["-F", "none", "-i", join(folder, "user"), ...set, "-p", String(port), `${userInfo().username}@127.0.0.1`];
}
