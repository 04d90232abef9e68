/** What a keeper is told of a call with an effect: a program as it was asked for, or the tool program with its job. */
import { join } from "node:path";
import type { ToolArguments } from "@roundhouse/protocol/tool-arguments";
import { openFolder, type Place } from "../files/folder.ts";
import { notFound } from "../files/list.ts";
import { baseEnvironment } from "../host/environment.ts";
import type { DataRoot } from "../host/data-root.ts";
import { filesOf } from "../effects/records.ts";
import type { AppUser } from "../blueprints/runtime.ts";
import type { EffectSpec } from "../keeper/spec.ts";
import { type AppPortDeps, httpCallOf } from "./app-port.ts";
import { type Admitted, ToolProblem } from "./call.ts";
import type { ToolJob } from "./program/job.ts";

export type EffectDeps = AppPortDeps & {
  root: DataRoot;
  user: AppUser | null;
  /** The tool program, where the apps' user may read it. */
  program: () => string;
};

const STOP_GRACE_MS = 1_000;
const WRITE_LIMIT_MS = 60_000;
/** The program tells of its own limit first. */
const HTTP_MARGIN_MS = 5_000;
const MS_PER_SECOND = 1_000;

/** Throws {@link ToolProblem} and `FileProblem` where nothing needs to be started to know that it cannot be done. */
export async function effectSpecOf(deps: EffectDeps, call: Admitted): Promise<EffectSpec> {
  const { tool, arguments: args } = call;
  if (tool === "exec_command") return execSpec(deps, call, args as ToolArguments<"exec_command">);
  if (tool === "write_file") return writeSpec(deps, call, args as ToolArguments<"write_file">);
  if (tool === "http_request") return requestSpec(deps, call, args as ToolArguments<"http_request">);
  throw new ToolProblem(`${tool} changes nothing.`);
}

function writeSpec(deps: EffectDeps, call: Admitted, args: ToolArguments<"write_file">): EffectSpec {
  const { path, content, mode } = args;
  const job = { ...deps.places.locateFile(path, "make"), content, mode };
  requireOpen(deps, job.folder);
  return programSpec(deps, call, { does: "write", job }, WRITE_LIMIT_MS);
}

function requestSpec(deps: EffectDeps, call: Admitted, args: ToolArguments<"http_request">): EffectSpec {
  const job = httpCallOf(deps, args);
  return programSpec(deps, call, { does: "http", job }, job.timeoutMs + HTTP_MARGIN_MS);
}

async function execSpec(deps: EffectDeps, call: Admitted, args: ToolArguments<"exec_command">): Promise<EffectSpec> {
  const { command, args: words, timeoutSeconds } = args;
  if ([command, ...words].some((word) => word.includes("\0")))
    throw new ToolProblem("args: a NUL cannot be passed on.");
  const cwd = args.cwd === undefined ? deps.root.workspaceDir : await folderAt(deps, args.cwd);
  return { ...common(deps, call), command, args: words, cwd, input: null, timeLimitMs: timeoutSeconds * MS_PER_SECOND };
}

function programSpec(deps: EffectDeps, call: Admitted, job: ToolJob, timeLimitMs: number): EffectSpec {
  const { root, program } = deps;
  const run = { command: process.execPath, args: [program()], cwd: root.workspaceDir };
  return { ...common(deps, call), ...run, input: JSON.stringify(job), timeLimitMs };
}

function common({ root, user }: EffectDeps, { id, tool, digest }: Admitted) {
  const { dir, logDir, socket } = filesOf(root, id);
  return {
    kind: "effect" as const,
    ...{ id, dir, logDir, socket, user },
    // By these two a stray of it is found, as one of an instance is.
    env: { ...baseEnvironment({ home: root.workspaceDir }), INSTANCE_CONF_DIR: dir, WEBUI_PORT: "0" },
    secretEnv: [],
    marker: { confDir: dir, port: 0 },
    changesUser: false,
    stopGraceMs: STOP_GRACE_MS,
    call: { tool, digest },
  };
}

/** As another user than the agent's nothing gets into a closed folder. */
function requireOpen({ user }: EffectDeps, place: Place): void {
  if (user === null || !place.isClosed) return;
  throw new ToolProblem("The folder of a container is closed to the programs of the node; its files can only be read.");
}

async function folderAt(deps: EffectDeps, path: string): Promise<string> {
  const located = deps.places.locate(path, "find");
  if (located.is === "names") throw new ToolProblem(`cwd: ${JSON.stringify(path)} is no folder. Name one below it.`);
  requireOpen(deps, located.place);
  const folder = await openFolder(located.place);
  if (!folder) throw notFound(path);
  await folder.close();
  return join(located.place.base, ...located.place.parts);
}
