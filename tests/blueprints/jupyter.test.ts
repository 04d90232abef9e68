/** Jupyter's script without a network: python, pip and jupyter only write down how they were called. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAKE_ENV } from "../../worker-agent/src/environments/shell/make-env.ts";
import { FUNCTIONS_SH, VERSIONS_ENV } from "../../worker-agent/src/blueprints/bash/library.ts";
import { rewriteHardPaths } from "../../worker-agent/src/blueprints/bash/rewrite.ts";

const SCRIPT = readFileSync(join(import.meta.dirname, "../../blueprints/jupyter/blueprint.sh"), "utf8");

/** A Jupyter that has these commands, each of this version. */
const jupyter = (versions: Record<string, string>): string =>
  `case "$1 $2" in ${Object.entries(versions)
    .map(([command, version]) => `"${command} --version") echo ${version} ;;`)
    .join(" ")} *" --version") exit 1 ;; *) echo "jupyter $*" >> "$CALLS" ;; esac`;
const LAB = jupyter({ lab: "4.4.1", notebook: "7.3.0" });
const PYTHON = `case "$1" in -c) echo "3.11.2 venv $3"; exit ;; esac
echo "python $*" >> "$CALLS"
if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; cp "$LABS/pip" "$LABS/jupyter" "$3/bin/"; fi`;

/** All of the machine that the script may find: this one may have a Jupyter of its own. */
const TOOLS = [
  ...[
    "bash",
    "cat",
    "cp",
    "cut",
    "dirname",
    "grep",
    "id",
    "ls",
    "mkdir",
    "printf",
    "readlink",
    "rm",
    "sed",
    "sha256sum",
  ],
  ...["tr", "xargs"],
];

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "jupyter-"));
  for (const name of ["bin", "labs", "conf", "launch"]) mkdirSync(join(dir, name));
  writeFileSync(join(dir, "launch/functions.sh"), FUNCTIONS_SH);
  writeFileSync(join(dir, "launch/versions.env"), VERSIONS_ENV);
  writeFileSync(join(dir, "launch/make-env"), MAKE_ENV);
  for (const tool of TOOLS) symlinkSync(`/usr/bin/${tool}`, join(dir, "bin", tool));
  executable("bin/python3", PYTHON);
  executable("labs/pip", 'echo "pip $*" >> "$CALLS"');
  executable("labs/jupyter", LAB);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("Jupyter's script", () => {
  it("takes the host's JupyterLab, or its notebook, and calls the settings by the names it knows", () => {
    for (const [versions, command, app, folder] of [
      [{ lab: "4.4.1", notebook: "6.4.12" }, "lab", "ServerApp", "root_dir"],
      [{ notebook: "7.3.0" }, "notebook", "ServerApp", "root_dir"],
      [{ notebook: "6.4.12" }, "notebook", "NotebookApp", "notebook_dir"],
    ] as const) {
      executable("bin/jupyter", jupyter(versions));
      const [call, ...others] = run();
      expect(others).toEqual([]);
      expect(call).toMatch(new RegExp(`^jupyter ${command} --no-browser --ip=127\\.0\\.0\\.1 --port=19005 `));
      expect(call).toContain(`--${app}.token= --${app}.password= --${app}.${folder}=${dir}/conf/notebooks`);
    }
  });

  it("turns no guard of Jupyter's off but the token", () => {
    executable("bin/jupyter", LAB);
    expect(run()[0]).not.toMatch(/allow_origin|allow_remote|disable_check|xsrf|trust/i);
  });

  it("makes an environment of its own where the host has no Jupyter, once", () => {
    const calls = run();
    expect(calls.slice(0, 2)).toEqual([
      `python -m venv ${dir}/conf/env`,
      "pip install --disable-pip-version-check jupyterlab ipykernel",
    ]);
    expect(calls[2]).toContain("jupyter lab ");
    expect(run()).toEqual([calls[2]]);
  });

  it("makes one, too, where a version, packages or an environment of its own are asked for", () => {
    executable("bin/jupyter", LAB);
    writeFileSync(join(dir, "conf/requirements.txt"), "numpy\n");
    expect(run().filter((call) => call.startsWith("pip"))).toEqual([
      "pip install --disable-pip-version-check jupyterlab ipykernel",
      `pip install --disable-pip-version-check -r ${dir}/conf/requirements.txt`,
    ]);
    rmSync(join(dir, "conf/requirements.txt"));
    expect(run({ JUPYTER_VERSION: "4.4.1" })).toContain(
      "pip install --disable-pip-version-check jupyterlab==4.4.1 ipykernel",
    );
    writeFileSync(join(dir, "conf/.rebuild-env"), "");
    expect(run({ JUPYTER: "own" })).toContain("pip install --disable-pip-version-check jupyterlab ipykernel");
  });

  it("adds what launch_args.txt says", () => {
    executable("bin/jupyter", LAB);
    writeFileSync(join(dir, "conf/launch_args.txt"), "# notes\n--debug --ServerApp.terminals_enabled=False\n");
    expect(run()[0]).toMatch(/ --debug --ServerApp\.terminals_enabled=False$/);
  });
});

/** The calls of one start, in order. */
function run(variables: Record<string, string> = {}): string[] {
  const paths = {
    libraryDir: join(dir, "launch"),
    condaDir: join(dir, "conda"),
    homeDir: dir,
    configDirs: {},
    configDir: join(dir, "config"),
  };
  const log = join(dir, "calls");
  writeFileSync(log, "");
  const env = {
    ...{ PATH: join(dir, "bin"), CALLS: log, LABS: join(dir, "labs"), HOME: dir, WEBUI_PORT: "19005" },
    INSTANCE_CONF_DIR: join(dir, "conf"),
    ...variables,
  };
  const { status, stderr } = spawnSync("/bin/bash", ["-c", rewriteHardPaths(SCRIPT, paths)], { env, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, expect.not.stringContaining("line ")]);
  return readFileSync(log, "utf8").split("\n").filter(Boolean);
}

function executable(name: string, script: string): void {
  writeFileSync(join(dir, name), `#!/bin/bash\n${script}\n`);
  chmodSync(join(dir, name), 0o755);
}
