/** Which user the instances run under, and whether that user can really do so on this host. */
import type { Facts } from "@roundhouse/protocol/facts";
import { chown, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { AppUser } from "../blueprints/runtime.ts";
import { isErrno } from "../keeper/durable-file.ts";
import { isGone } from "./absent.ts";
import { limitedModeFor } from "./data-mode.ts";
import type { DataRoot } from "./data-root.ts";
import { findProgram, runProgram } from "./programs.ts";

export type AppUserChoice = { user: AppUser | null; isolation: Facts["isolation"] };

/**
 * The account instances get when the agent is root. `nobody` rather than a number of our own: programs that look up
 * their user (Node's `os.userInfo()`, `whoami`, ssh) fail for a number without a passwd entry, and /etc/passwd is
 * outside the data root, so no entry is added. Rather than an ordinary account: those own a person's files.
 */
const APP_ACCOUNT = "nobody";

/** What an instance needs at least: to enter the data root, to run Node (which loads its libraries), and bash. */
const TRIAL = `
cd "$1" 2>/dev/null || { echo "cannot enter $1"; exit 1; }
test -r "$2" && test -x "$2" || { echo "cannot read and execute $2"; exit 1; }
"$2" -e 0 || { echo "cannot run $2"; exit 1; }
"$3" -c : || { echo "cannot run $3"; exit 1; }
`;
const TRIAL_LIMIT_MS = 10_000;

/** As root, tries the app account for real on this data root (which must exist); everything else is `same-user`, with the reason. */
export async function chooseAppUser(
  root: DataRoot,
  options: { execPath?: string; uid?: number } = {},
): Promise<AppUserChoice> {
  const { uid = process.getuid?.() } = options;
  if (uid !== 0) return sameUser("the agent does not run as root, so it cannot switch users");
  const account = parsePasswd(await readFile("/etc/passwd", "utf8").catch(isGone), APP_ACCOUNT);
  if (!account || account.uid === 0) return sameUser(`this host has no account named ${APP_ACCOUNT}`);
  const user = { uid: account.uid, gid: (await renderGroup()) ?? account.gid };
  const problem = (await tryGiving(root, user)) ?? (await tryUser(user, root, options.execPath ?? process.execPath));
  if (problem) return sameUser(`${APP_ACCOUNT} (uid ${user.uid}) ${problem}`);
  return {
    user,
    isolation: { mode: "separate-user", reason: `instances run as ${APP_ACCOUNT} (uid ${user.uid}, gid ${user.gid})` },
  };
}

/** The numbers of an account in the text of /etc/passwd. */
export function parsePasswd(text: string | undefined, name: string): AppUser | undefined {
  const fields = text
    ?.split("\n")
    .map((line) => line.split(":"))
    .find((one) => one[0] === name);
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
  return fields && Number.isInteger(uid) && Number.isInteger(gid) ? { uid, gid } : undefined;
}

function sameUser(reason: string): AppUserChoice {
  return { user: null, isolation: { mode: "same-user", reason } };
}

/** Folders are made over to the user, which some network volumes cannot do. A disk that takes nothing tells nothing. */
async function tryGiving(root: DataRoot, { uid, gid }: AppUser): Promise<string | undefined> {
  const trial = join(root.tmpDir, `trial-${process.pid}`);
  try {
    await mkdir(trial);
    await chown(trial, uid, gid);
    const { uid: owner } = await stat(trial);
    await rm(trial, { recursive: true });
    return owner === uid ? undefined : `cannot own anything on the disk of ${root.path}`;
  } catch (error) {
    if (["EPERM", "EINVAL", "ENOTSUP"].some((code) => isErrno(error, code))) {
      await rm(trial, { recursive: true, force: true });
      return `cannot own anything on the disk of ${root.path}`;
    }
    limitedModeFor(error, root.path);
    return undefined;
  }
}

async function tryUser(user: AppUser, root: DataRoot, execPath: string): Promise<string | undefined> {
  const bash = await findProgram("bash", process.env["PATH"]);
  if (!bash) return "has no bash to run";
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/" };
  const args = ["-c", TRIAL, "sh", root.path, execPath, bash];
  const result = await runProgram("/bin/sh", args, { ...user, env, limitMs: TRIAL_LIMIT_MS });
  if (result.kind === "missing") return "has no /bin/sh to run";
  if (result.kind === "hung") return `could not be tried within ${TRIAL_LIMIT_MS / 1000} s`;
  if (result.code === 0) return undefined;
  return result.stdout.trim() || `could not be switched to: ${result.stderr.trim()}`;
}

/**
 * AMD and Intel GPUs are opened through /dev/dri/renderD* and /dev/kfd, which belong to a group (`render`, `video`).
 * The process gets one group only, so it is that one. NVIDIA's device files are open to everybody.
 */
async function renderGroup(): Promise<number | undefined> {
  const names = (await readdir("/dev/dri").catch(isGone)) ?? [];
  const renderNodes = names.filter((name) => name.startsWith("renderD")).map((name) => `/dev/dri/${name}`);
  for (const path of ["/dev/kfd", ...renderNodes]) {
    const device = await stat(path).catch(isGone);
    if (device && device.gid !== 0 && (device.mode & 0o060) === 0o060 && (device.mode & 0o006) !== 0o006) {
      return device.gid;
    }
  }
  return undefined;
}
