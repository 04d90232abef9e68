/** A blueprint runtime that runs `fixtures/<blueprint name>.sh`. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LaunchError, type BlueprintRuntime } from "../../../worker-agent/src/blueprints/runtime.ts";

export function fixtureRuntimeAt(fixtures: string): BlueprintRuntime {
  return {
    kind: "bash",
    needsSource: async ({ instance }) => instance.blueprint.name === "from-source",
    surroundings: async ({ instance, root }) => ({ cwd: join(root.instancesDir, instance.slug), env: {} }),
    prepare: async ({ instance, parent, root, port, source }) => {
      const { name } = instance.blueprint;
      if (name === "refuses") throw new LaunchError("bad_script", "it has no metadata", "add some");
      if (name === "breaks") throw new Error("no such luck");
      const confDir = join(root.instancesDir, (parent ?? instance).slug);
      await mkdir(confDir, { recursive: true });
      return {
        command: "/bin/bash",
        args: source === null ? [join(fixtures, `${name}.sh`)] : ["-c", source],
        cwd: confDir,
        env: {
          PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
          INSTANCE_CONF_DIR: confDir,
          WEBUI_PORT: String(port),
          FIXTURES: fixtures,
        },
      };
    },
  };
}
