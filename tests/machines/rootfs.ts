/** A machine without Node: a root file system with busybox and the libraries that Node loads, entered by chroot. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmod, copyFile, link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs in namespaces of its own, which end with it: nothing that is mounted or started there stays. */
const ENTER = `
mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" || exit 99
root=$1
shift
exec chroot "$root" "$@"`;

export type Ended = { status: number; output: string };

export class Rootfs {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Puts a program of this machine in, with the libraries it loads. */
  async addProgram(program: string, to = `/bin/${basename(program)}`): Promise<void> {
    await this.addFile(program, to);
    for (const library of await librariesOf(program)) await this.addFile(library, library);
  }

  /** The same file, not a copy, where the file systems are the same. */
  async addFile(from: string, to: string): Promise<void> {
    const place = join(this.path, to);
    await mkdir(dirname(place), { recursive: true });
    await rm(place, { force: true });
    const file = await realpath(from);
    await link(file, place).catch(() => copyFile(file, place));
  }

  async addScript(to: string, text: string): Promise<void> {
    const place = join(this.path, to);
    await mkdir(dirname(place), { recursive: true });
    // It may be a link to busybox, which must not be written through.
    await rm(place, { force: true });
    await writeFile(place, text, { mode: 0o755 });
  }

  /** Starts a shell command inside. Killing the process that is answered kills everything it started. */
  start(command: string, env: Record<string, string> = {}): ChildProcess {
    const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const own = [...user, "--mount", "--pid", "--fork", "--kill-child"];
    const inside = ["/bin/sh", "-c", command];
    return spawn("unshare", [...own, "--", "sh", "-c", ENTER, "sh", this.path, ...inside], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, HOME: "/root", ...env },
    });
  }

  /** Runs a shell command inside and answers what it said, both outputs together. */
  async run(command: string, env: Record<string, string> = {}): Promise<Ended> {
    const child = this.start(`PATH=/bin; ${command}`, env);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    }
    const status = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(code ?? (signal === null ? -1 : -2)));
    });
    return { status, output };
  }

  close(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

/** The caller closes it. `node` is a Node whose libraries it gets; Node itself is not put in. */
export async function makeRootfs(node: string): Promise<Rootfs> {
  const path = await mkdtemp(join(tmpdir(), "rootfs-"));
  await chmod(path, 0o755);
  const rootfs = new Rootfs(path);
  for (const folder of ["bin", "dev", "etc", "proc", "root", "tmp", "var/lib"]) {
    await mkdir(join(path, folder), { recursive: true });
  }
  await writeFile(join(path, "etc/hosts"), "127.0.0.1 localhost\n");
  await writeFile(
    join(path, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
  );
  const { stdout: busybox } = await run("sh", ["-c", "command -v busybox"]);
  await rootfs.addProgram(busybox.trim(), "/bin/busybox");
  const { stdout: applets } = await run(busybox.trim(), ["--list"]);
  for (const applet of applets.split("\n").filter((name) => name !== "" && name !== "busybox")) {
    await symlink("busybox", join(path, "bin", applet));
  }
  for (const library of await librariesOf(node)) await rootfs.addFile(library, library);
  return rootfs;
}

/** What a program loads, as ldd tells; nothing for one that is linked statically. */
async function librariesOf(program: string): Promise<string[]> {
  const told = await run("ldd", [program]).catch((error: { stdout?: string; stderr?: string }) => {
    if (`${error.stdout}${error.stderr}`.includes("not a dynamic executable")) return { stdout: "" };
    throw error;
  });
  return [...told.stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
}
