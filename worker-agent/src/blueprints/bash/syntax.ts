/** Whether bash can read a script to its end, asked before any of it runs: it would stop there, half-way through an installation. */
import { runProgram } from "../../host/programs.ts";
import { LaunchError } from "../runtime.ts";

/** A shell that leaves, or becomes another program, at the top level: what follows may be no script at all. */
const LEAVES = /^(?:exit\b|exec\s+(?!\d*[<>&]))/;

/** Throws `LaunchError` with the line. `file` has the lines of the person's own script, one for one. */
export async function requireSyntax(bash: string, file: string, script: string): Promise<void> {
  // Patterns such as !(a|b) are read by what the script has switched on while it runs.
  const checked = await runProgram(bash, ["-O", "extglob", "-n", file], { env: { LC_ALL: "C" } });
  if (checked.kind !== "ended" || checked.code === 0) return;
  const [, line, message] = /: line (\d+): (.*)/.exec(checked.stderr) ?? [];
  if (line === undefined || message === undefined) return;
  const before = script.split("\n").slice(0, Number(line) - 1);
  if (before.some((text) => LEAVES.test(text))) return;
  throw new LaunchError(
    "bad_script",
    `launch.sh, line ${line}: ${message}`,
    "Nothing of it was run. Correct it in the instance's script, then start again.",
  );
}
