/** A real disk in memory, which a test can fill or make read-only. Only root can mount one. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

export const canMount = process.getuid?.() === 0;

export class MemoryDisk {
  readonly path: string;

  constructor(path: string) {
    mkdirSync(path, { recursive: true });
    this.path = path;
  }

  /** `size` as mount(8) takes it: `64m`. */
  mount(size: string): void {
    run("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", this.path);
  }

  /** Works while nothing on it is open for writing. */
  remount(how: "ro" | "rw"): void {
    run("mount", "-o", `remount,${how}`, this.path);
  }

  /** Until not one byte more goes onto it. Answers the file to remove. */
  fill(): string {
    const file = join(this.path, "filler");
    // It ends for want of room.
    spawnSync("dd", ["if=/dev/zero", `of=${file}`, "bs=4096"]);
    return file;
  }

  /** Also one that was never mounted. */
  close(): void {
    if (canMount) spawnSync("umount", ["--lazy", this.path]);
  }
}

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}
