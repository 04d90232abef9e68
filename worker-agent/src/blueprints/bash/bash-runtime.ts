/** Runs blueprints that are one bash script, in the format existing scripts have, unchanged. */
import { OWN_SOURCE } from "@roundhouse/protocol/own-source";
import type { DataRoot } from "../../host/data-root.ts";
import { condaStandIn, writeCondaStandIn, writeMakeEnv } from "../../environments/programs.ts";
import { findProgram } from "../../host/programs.ts";
import { delimiter, join } from "node:path";
import { type AppUser, type BlueprintRuntime, LaunchError, type PrepareInput } from "../runtime.ts";
import { activated } from "./activation.ts";
import { findCondaDir } from "./conda.ts";
import { discardEnvironment } from "./discard-environment.ts";
import type { FolderView } from "../../host/views.ts";
import { outputFolderOf } from "../output-folder.ts";
import {
  configDir,
  configDirs,
  instanceFolders,
  type InstanceFolders,
  makeFolders,
  makeOutputFolder,
} from "../folders.ts";
import { FUNCTIONS_SH, VERSIONS_ENV } from "./library.ts";
import { readOwned, writeOwned } from "../owned-file.ts";
import { ownSource, readOwnSource } from "../own-source.ts";
import { rewriteHardPaths } from "./rewrite.ts";
import { requireSyntax } from "./syntax.ts";
import { launchVariables, varsFile } from "./variables.ts";

/** The instance's own copy of its blueprint: what a person edits. What runs is generated from it at each start. */
const OWN_SCRIPT = OWN_SOURCE.bash;
const VARS_FILE = "aikore_vars.env";
const READABLE = 0o644;

export const bashRuntime: BlueprintRuntime = {
  kind: "bash",
  async needsSource(input) {
    return (await readOwnSource(input, OWN_SCRIPT)) === undefined;
  },
  async prepare(input) {
    const folders = instanceFolders(input);
    const variables = launchVariables(input, folders);
    const vars = varsFile(input.instance, input.parent);
    const bash = await findProgram("bash", variables["PATH"]);
    if (!bash) throw new LaunchError("no_bash", "This host has no bash.", "Install bash and start again.");
    if (input.source !== null) requireText(input.source);
    await makeFolders(folders, input.root, input.user);
    const script = requireText(await ownSource(input, OWN_SCRIPT));
    if (input.rebuilds) await discardEnvironment(input, folders.confDir, script);
    await writeOwned(join(folders.confDir, VARS_FILE), vars, READABLE, input.user);
    const condaDir = await provideConda(input, variables);
    const env = withConda(variables, condaDir);
    const generated = await writeLaunchScript(input, folders, script, condaDir);
    await requireSyntax(bash, generated, script);
    // Named to bash, never executed itself: scripts may begin with a line of junk, or their header, before the shebang.
    const plan = { command: bash, args: [generated], cwd: folders.ownDir };
    const view = await outputsView(input, folders);
    if (view) return { ...plan, env: { ...env, INSTANCE_FAMILY_OUTPUT_DIR: view.over }, view };
    return { ...plan, env: input.parent ? { ...env, INSTANCE_FAMILY_OUTPUT_DIR: "none" } : env };
  },
  async surroundings(input) {
    const folders = instanceFolders(input);
    const script = await readOwned(join(folders.confDir, OWN_SCRIPT));
    const variables = launchVariables(input, folders);
    const condaDir = (await hostConda(input, variables)) ?? condaStandIn(input.root.launchDir);
    const env = await activated(withConda(variables, condaDir), folders.confDir, script);
    const view = await outputsView(input, folders);
    return { cwd: folders.ownDir, env, ...(view && { view }) };
  },
};

type ViewInput = Pick<PrepareInput, "parent" | "root" | "user" | "hasViews">;

/** Of a satellite: its own outputs where its parent's are, since the link in the installation leads there. */
async function outputsView(input: ViewInput, folders: InstanceFolders): Promise<FolderView | undefined> {
  const { parent, root, user, hasViews } = input;
  if (!parent || !hasViews) return undefined;
  const over = outputFolderOf(root, parent);
  const isApart = over !== folders.outputDir && !folders.outputDir.startsWith(`${over}/`);
  if (!isApart) return undefined;
  for (const folder of [over, folders.outputDir]) await makeOutputFolder(folder, root, user);
  return { own: folders.outputDir, over };
}

function requireText(script: string): string {
  if (script.trim() !== "") return script;
  throw new LaunchError(
    "empty_blueprint",
    "The script is empty, so there is nothing to run.",
    "Put commands into its launch.sh.",
  );
}

/** The generated copy and the library it loads: the agent's files, which the app can read only. */
async function writeLaunchScript(
  input: PrepareInput,
  folders: InstanceFolders,
  script: string,
  condaDir: string,
): Promise<string> {
  const { root, instance } = input;
  const generated = join(root.launchDir, `${instance.id}.sh`);
  const text = rewriteHardPaths(toUnixLines(script), hardPaths(root, folders, condaDir));
  await writeOwned(join(root.launchDir, "functions.sh"), FUNCTIONS_SH, READABLE, null);
  await writeOwned(join(root.launchDir, "versions.env"), VERSIONS_ENV, READABLE, null);
  await writeMakeEnv(root.launchDir);
  await writeOwned(generated, text, READABLE, null);
  return generated;
}

type Variables = Record<string, string>;
type Host = { root: DataRoot; user: AppUser | null };

/** The base folder of this host's conda, or of what stands for it. */
async function provideConda(host: Host, variables: Variables): Promise<string> {
  return (await hostConda(host, variables)) ?? writeCondaStandIn(host.root.launchDir);
}

function hostConda({ root, user }: Host, variables: Variables): Promise<string | undefined> {
  return findCondaDir(join(root.path, "miniconda3"), variables["PATH"], user);
}

/** For scripts that just call it. Last, so that nothing else of its folder gets in front of what the host has. */
function withConda(variables: Variables, condaDir: string): Variables {
  return { ...variables, PATH: [variables["PATH"], join(condaDir, "bin")].join(delimiter) };
}

function hardPaths(root: DataRoot, folders: InstanceFolders, condaDir: string) {
  return {
    libraryDir: root.launchDir,
    condaDir,
    homeDir: folders.homeDir,
    configDirs: configDirs(root),
    configDir: configDir(root),
  };
}

/** Scripts written or uploaded on Windows: bash takes the carriage return, and a byte order mark, for part of a word. */
function toUnixLines(script: string): string {
  return script.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
}
