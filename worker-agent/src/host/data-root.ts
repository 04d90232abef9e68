/** The one folder the agent writes to, and the names of the rooms in it. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";

export type DataRoot = ReturnType<typeof dataRootAt>;

/** The paths below a data root; nothing is touched. */
export function dataRootAt(path: string) {
  const root = resolve(path);
  return {
    path: root,
    /** This node's id, address and key, mode 0600. */
    nodeFile: join(root, "node.json"),
    lockFile: join(root, "agent.pid"),
    /** Keeper bundles, one file per version, so that a running keeper never loses its code. */
    binDir: join(root, "bin"),
    /** Unix sockets of the keepers; elsewhere where the disk cannot hold any (`open-data-root.ts`). */
    runDir: join(root, "run"),
    /** Sources of blueprints by digest. */
    blueprintsDir: join(root, "blueprints"),
    /** One folder per root instance, named by the slug it began with: what the app calls its configuration folder. */
    instancesDir: join(root, "instances"),
    /** The agent's own record of each instance, by id: state, keeper record, logs. The app cannot write here. */
    stateDir: join(root, "state"),
    /** Generated launch scripts and the shell library they load. The app can read, not write. */
    launchDir: join(root, "launch"),
    /** What a call with an effect did, by effect id. */
    effectsDir: join(root, "effects"),
    outputsDir: join(root, "outputs"),
    modelsDir: join(root, "models"),
    datasetsDir: join(root, "datasets"),
    /** Notes and scripts of jobs, and the home of the programs that they run. */
    workspaceDir: join(root, "workspace"),
    /** One folder per MCP server, by id: its own, which it may write to. */
    mcpDir: join(root, "mcp"),
    /** The agent's own record of each MCP server, by id: its log, and its containers while they run. */
    mcpStateDir: join(root, "mcp-state"),
    trashDir: join(root, "trash"),
    tmpDir: join(root, "tmp"),
    homeDir: join(root, "home"),
  };
}

/** Ends Node's and npm's search for the package a file belongs to: the folder may lie inside some project's tree. */
const PACKAGE_BOUNDARY = '{ "private": true }\n';

/**
 * Makes the folders that are missing. Folders of the agent are closed to others; the root can be passed through. Rejects
 * with the file system's error; a disk that keeps no modes is no error.
 */
export async function makeDataRoot(root: DataRoot): Promise<void> {
  await mkdir(root.path, { recursive: true });
  await chmod(root.path, 0o711).catch(whenModesAreNotKept);
  const boundary = join(root.path, "package.json");
  const isThere = (await readFile(boundary, "utf8").catch(whenMissing)) === PACKAGE_BOUNDARY;
  if (!isThere) await writeFile(boundary, PACKAGE_BOUNDARY, { mode: 0o644 });
  for (const dir of [root.binDir, root.runDir, root.blueprintsDir, root.stateDir, root.effectsDir, root.mcpStateDir]) {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  }
  for (const dir of [
    root.instancesDir,
    root.launchDir,
    root.outputsDir,
    root.modelsDir,
    root.datasetsDir,
    root.workspaceDir,
    root.mcpDir,
    root.trashDir,
    root.tmpDir,
    root.homeDir,
  ]) {
    await mkdir(dir, { recursive: true, mode: 0o755 });
  }
}

/** Network volumes; and a folder whose owner is another, where ours lie below it. */
export function whenModesAreNotKept(error: unknown): undefined {
  if (isErrno(error, "EPERM") || isErrno(error, "ENOTSUP") || isErrno(error, "EROFS")) return undefined;
  throw error;
}
