/** What this host can make Python environments with, looked up rarely: every python is asked for its version. */
import type { EnvironmentFacts } from "@roundhouse/protocol/facts";
import type { AppUser } from "../blueprints/runtime.ts";
import type { DataRoot } from "../host/data-root.ts";
import { baseEnvironment } from "../host/environment.ts";
import { runProgramGroup } from "../host/program-group.ts";
import { makeEnvProgram } from "./programs.ts";
import { MAKE_ENV } from "./shell/make-env.ts";

/** Facts are read every few minutes and at each launch. */
const KEPT_MS = 30 * 60_000;
const LIMIT_MS = 20_000;

const TOOLS = ["uv", "micromamba", "mamba", "conda"] as const;

/** A reader that looks again when what it knows is old. It never throws: what cannot be found is not there. */
export function createSurvey(options: {
  root: DataRoot;
  user: AppUser | null;
  env?: Record<string, string>;
  now?: () => number;
}): () => Promise<EnvironmentFacts> {
  const { root, user, env = baseEnvironment({ home: root.homeDir }), now = Date.now } = options;
  let kept: { at: number; facts: Promise<EnvironmentFacts> } | undefined;
  return () => {
    if (!kept || now() - kept.at > KEPT_MS) kept = { at: now(), facts: look(root, user, env) };
    return kept.facts;
  };
}

/** By the program that makes environments, which so tells what it would take. It need not be on the disk for that. */
async function look(root: DataRoot, user: AppUser | null, env: Record<string, string>): Promise<EnvironmentFacts> {
  const args = ["-c", MAKE_ENV, makeEnvProgram(root.launchDir), "--found"];
  const result = await runProgramGroup("bash", args, { limitMs: LIMIT_MS, env, ...user });
  return parseSurvey(result.kind === "ended" ? result.stdout : "");
}

/** Lines of fields between tabs: `uv, path, version` or `python, path, version, venv|bare`. */
export function parseSurvey(output: string): EnvironmentFacts {
  const facts: EnvironmentFacts = { tools: [], pythons: [] };
  for (const line of output.split("\n")) {
    const [what, path, version, makes] = line.split("\t");
    const name = TOOLS.find((tool) => tool === what);
    if (!path) continue;
    if (name) facts.tools.push({ name, path, version: version || null });
    else if (what === "python" && version) facts.pythons.push({ version, path, venv: makes === "venv" });
  }
  return facts;
}
