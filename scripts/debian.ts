/** What the tests and the benchmark need of the machine besides npm packages: installed as root on Debian, else named and asked for. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Program on PATH → Debian package that has it. */
type Programs = Record<string, string>;

const OF_TESTS: Programs = {
  chromium: "chromium",
  git: "git",
  rsync: "rsync",
  python3: "python3",
  curl: "curl",
  busybox: "busybox-static",
  dash: "dash",
  ip: "iproute2",
  shellcheck: "shellcheck",
  dockerd: "docker.io",
  "docker-registry": "docker-registry",
  "jupyter-notebook": "jupyter-notebook",
};

/** Installs what is missing; ends the process with the exact command where it may not. */
export function installDebianPackages(programs = OF_TESTS): void {
  const missing = Object.entries(programs)
    .filter(([program]) => !isOnPath(program))
    .map(([, name]) => name)
    .filter((name, at, all) => all.indexOf(name) === at);
  if (missing.length === 0) return;
  const isRootOnDebian = process.getuid?.() === 0 && existsSync("/etc/debian_version");
  if (!isRootOnDebian) {
    process.stderr.write(`This needs ${missing.join(", ")}. On Debian or Ubuntu:\n\n`);
    process.stderr.write(`  sudo apt-get install --yes --no-install-recommends ${missing.join(" ")}\n\n`);
    process.exit(1);
  }
  process.stdout.write(`Installing ${missing.join(", ")} …\n`);
  apt("update");
  apt("install", "--yes", "--no-install-recommends", ...missing);
}

function apt(...args: string[]): void {
  const done = spawnSync("apt-get", ["-qq", ...args], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (done.status === 0) return;
  process.stderr.write(`apt-get ${args.join(" ")} failed; nothing can be measured or tested without it.\n`);
  process.exit(1);
}

function isOnPath(program: string): boolean {
  // A user's PATH may lack the folder of the servers.
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"];
  return folders.some((folder) => existsSync(`${folder}/${program}`));
}
