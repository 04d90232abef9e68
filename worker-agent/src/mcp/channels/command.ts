/** A channel to a command of the node, run as the apps' user (SPEC MC2). */
import type { McpCommand } from "@roundhouse/protocol/mcp";
import type * as z from "zod";
import { baseEnvironment } from "../../host/environment.ts";
import type { DataRoot } from "../../host/data-root.ts";
import type { Channel } from "../channel.ts";
import { withPlaces } from "./arguments.ts";
import type { Opening } from "./opening.ts";
import { openStdio } from "./stdio.ts";

export function openCommand(run: z.infer<typeof McpCommand>, opening: Opening): Promise<Channel> {
  const { folders, variables, secrets, name, log, redact, hurry, user, root } = opening;
  const places = placesOf(root, folders.own);
  opening.tell(`starting ${run.command}`);
  return openStdio({
    command: run.command,
    args: run.args.map((one) => withPlaces(one, places)),
    cwd: folders.own,
    env: {
      ...baseEnvironment({ home: folders.homeDir }),
      PYTHONUNBUFFERED: "1",
      TMPDIR: folders.tmpDir,
      ...Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, withPlaces(value, places)])),
      ...secrets,
    },
    ...{ user, name, log, redact, hurry },
  });
}

function placesOf(root: DataRoot, own: string): Record<string, string> {
  return {
    own,
    workspace: root.workspaceDir,
    models: root.modelsDir,
    outputs: root.outputsDir,
    datasets: root.datasetsDir,
  };
}
