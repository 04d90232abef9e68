/** The shell of a terminal: interactive, no login, in the app's environment as the app's user. */
import { stat } from "node:fs/promises";
import { isGone } from "../host/absent.ts";
import type { Surroundings } from "../instances/surroundings.ts";
import { TERMINAL_VARIABLE } from "../host/processes.ts";
import { findProgram } from "../host/programs.ts";
import type { Command } from "../host/views.ts";
import { TerminalProblem } from "./problem.ts";
import type { PtySpec } from "./pty.ts";

/** Shows an activated environment in front of the prompt, whatever prompt the shell's own files have set. */
const PROMPT = 'PS1="(${VIRTUAL_ENV_PROMPT}) $PS1"; unset PROMPT_COMMAND';

/** `id` is how all that runs in it is recognised. Throws {@link TerminalProblem} where there is no shell. */
export async function shellOf(
  { cwd, env, user, enter, shell }: Surroundings,
  id: string,
): Promise<Omit<PtySpec, "size">> {
  if (!(await stat(cwd).catch(isGone))?.isDirectory()) {
    throw new TerminalProblem(
      "no_folder",
      `The folder ${cwd} is missing.`,
      "Start the instance; it is made anew then.",
    );
  }
  const { command, args } = shell ?? (await hostShell(env["PATH"]));
  return {
    ...{ command, args, cwd, user, enter },
    env: {
      ...env,
      ...(env["VIRTUAL_ENV_PROMPT"] === undefined ? {} : { PROMPT_COMMAND: PROMPT }),
      TERM: "xterm-256color",
      COLORTERM: "truecolor",
      SHELL: command,
      [TERMINAL_VARIABLE]: id,
    },
  };
}

async function hostShell(path: string | undefined): Promise<Command> {
  const command = (await findProgram("bash", path)) ?? (await findProgram("sh", path));
  if (command !== undefined) return { command, args: ["-i"] };
  throw new TerminalProblem("no_shell", "This node has neither bash nor sh.", "Install bash on it.");
}
