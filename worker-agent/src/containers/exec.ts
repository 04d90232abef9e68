/** A program run inside a container with this process's terminal, as `docker exec -it` does. */
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { unlessMissing } from "./engine.ts";
import type { Owner } from "./job.ts";
import { labelFilter } from "./labels.ts";

/** The best shell that the image has. */
const SHELL = ["/bin/sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash -i; exec sh -i"];
const HANGUP_GRACE_MS = 300;
const TERMINAL = ["TERM=xterm-256color", "COLORTERM=truecolor"];

/** Answers its exit code. Throws where the container does not run, or has no shell. */
export async function execShell(engine: Docker, owner: Omit<Owner, "launch">): Promise<number> {
  const [found] = await engine.listContainers({ filters: labelFilter(owner) });
  if (!found) throw new Error("The container does not run: start the instance first.");
  const exec = await engine.getContainer(found.Id).exec({
    Cmd: SHELL,
    Env: TERMINAL,
    ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true },
  });
  endWithTerminal(exec);
  const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
  const { stdin, stdout } = process;
  const fit = (): void => {
    void unlessMissing(exec.resize({ w: stdout.columns, h: stdout.rows })).catch((error: unknown) => {
      stdout.write(`\r\nthe terminal keeps its size: ${String(error)}\r\n`);
    });
  };
  if (stdout.isTTY) {
    fit();
    stdout.on("resize", fit);
  }
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.pipe(stream);
  stream.pipe(stdout, { end: false });
  await new Promise<void>((done) => stream.once("end", done).once("close", done));
  return (await exec.inspect()).ExitCode ?? 0;
}

/** A terminal that is closed ends its shell: the engine would let it run on, with nobody to speak to. */
function endWithTerminal(exec: Docker.Exec): void {
  for (const signal of ["SIGHUP", "SIGTERM"] as const) {
    process.on(signal, () => {
      endShell(exec).then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}

/** By its number on this host, which root may signal; for others the container's end is the shell's. */
async function endShell(exec: Docker.Exec): Promise<void> {
  const { Running, Pid } = await exec.inspect();
  if (!Running || !Pid) return;
  process.kill(Pid, "SIGHUP");
  await sleep(HANGUP_GRACE_MS);
  if ((await exec.inspect()).Running) process.kill(Pid, "SIGKILL");
}
