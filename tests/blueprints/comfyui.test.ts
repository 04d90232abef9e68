/** ComfyUI's script without a network: git, python and pip only write down how they were called. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAKE_ENV } from "../../worker-agent/src/environments/shell/make-env.ts";
import { FUNCTIONS_SH, VERSIONS_ENV } from "../../worker-agent/src/blueprints/bash/library.ts";
import { rewriteHardPaths } from "../../worker-agent/src/blueprints/bash/rewrite.ts";

const SCRIPT = readFileSync(join(import.meta.dirname, "../../blueprints/comfyui/blueprint.sh"), "utf8");

const REQUIREMENTS = "comfyui-frontend-package==1.2\ntorch\ntorchsde\ntorchvision>=0.1\ntorchaudio ; x\nnumpy>=1.25\n";

/** Clones are folders with what the script looks at; every other verb succeeds and says nothing. */
const GIT = `echo "git $*" >> "$CALLS"
case "$1" in
  clone) target="\${@: -1}"; mkdir -p "$target/.git" "$target/models/vae"
    case "$target" in */ComfyUI) printf '${REQUIREMENTS.replaceAll("\n", "\\n")}' > "$target/requirements.txt" ;; esac ;;
  remote) echo origin ;;
  symbolic-ref) echo origin/master ;;
  rev-parse) echo abc ;;
esac`;
const PIP =
  'echo "pip $*" >> "$CALLS"; for last; do :; done; if [ "$1 $2" = "install -r" ]; then sed "s/^/  /" "$last" >> "$CALLS"; fi';
const PYTHON = `case "$1" in -c) echo "3.11.2 venv $3"; exit ;; esac
echo "python $*" >> "$CALLS"
if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; cp "$(dirname "$0")/pip" "$3/bin/pip"; fi`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "comfyui-"));
  for (const name of ["bin", "conf", "launch", "out"]) mkdirSync(join(dir, name));
  writeFileSync(join(dir, "launch/functions.sh"), FUNCTIONS_SH);
  writeFileSync(join(dir, "launch/versions.env"), VERSIONS_ENV);
  writeFileSync(join(dir, "launch/make-env"), MAKE_ENV);
  for (const [name, script] of Object.entries({ git: GIT, pip: PIP, python3: PYTHON }))
    executable(`bin/${name}`, script);
  executable("bin/nvidia-smi", "exit 0");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("ComfyUI's script", () => {
  it("fetches, installs, links and starts, in that order", () => {
    writeFileSync(join(dir, "conf/launch_args.txt"), "# notes\n--lowvram --preview-method 'auto mode'\n");
    writeFileSync(join(dir, "conf/requirements.txt"), "my-package\n");
    const calls = run();
    expect(calls[0]).toBe(`git clone https://github.com/comfyanonymous/ComfyUI.git ${dir}/conf/ComfyUI`);
    const order = [
      "git fetch --prune",
      "git clone --depth 1",
      "python -m venv",
      "pip install torch==2.10.0",
      "pip install -r /",
    ];
    const places = [...order, "  my-package", "python main.py"].map((start) =>
      calls.findIndex((call) => call.startsWith(start)),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(calls.at(-1)).toBe(
      `python main.py --listen 127.0.0.1 --port 19005 --output-directory ${dir}/out --lowvram --preview-method auto mode`,
    );
    expect(readlinkSync(join(dir, "conf/ComfyUI/models/vae"))).toBe(join(dir, "models/vae"));
    expect(readlinkSync(join(dir, "conf/ComfyUI/output"))).toBe(join(dir, "out"));
  });

  it("takes torch from its own index, and all other requirements without it", () => {
    const calls = run();
    expect(calls).toContain(
      "pip install torch==2.10.0 torchvision==0.25.0 torchaudio==2.10.0 --index-url https://download.pytorch.org/whl/cu130",
    );
    const installed = calls.filter((call) => call.startsWith("  ")).map((call) => call.trim());
    expect(installed).toEqual(expect.arrayContaining(["comfyui-frontend-package==1.2", "torchsde", "numpy>=1.25"]));
    expect(installed.filter((name) => /^torch(vision|audio)?\b(?!sde)/.test(name))).toEqual([]);
  });

  it("installs nothing again at the second start, and all of it when a rebuild was asked for", () => {
    run();
    expect(run().filter((call) => call.startsWith("pip"))).toEqual([]);
    writeFileSync(join(dir, "conf/.rebuild-env"), "");
    expect(run().some((call) => call.startsWith("pip install torch"))).toBe(true);
    expect(existsSync(join(dir, "conf/.rebuild-env"))).toBe(false);
  });

  it("takes the chosen CUDA, or the processor where there is no GPU", () => {
    writeFileSync(
      join(dir, "conf/aikore_vars.env"),
      'export CUDA_VERSION="12.8"\nexport PYTORCH_INDEX_URL="https://download.pytorch.org/whl/cu128"\n',
    );
    expect(run().some((call) => call.endsWith("/whl/cu128"))).toBe(true);
    rmSync(join(dir, "conf/aikore_vars.env"));
    executable("bin/nvidia-smi", "exit 9");
    const calls = run();
    if (existsSync("/dev/kfd")) return;
    expect(calls.some((call) => call.endsWith("/whl/cpu"))).toBe(true);
    expect(calls.at(-1)).toContain(" --cpu");
  });

  it("makes its environment with conda where there is one", () => {
    executable(
      "bin/conda",
      `echo "conda $*" >> "$CALLS"; mkdir -p "$4/bin"; cp "${dir}/bin/python3" "$4/bin/python"; cp "${dir}/bin/pip" "$4/bin/pip"`,
    );
    expect(run()).toContain(`conda create -y -p ${dir}/conf/env python=3.12 pip`);
  });
});

/** The calls of one start, in order. */
function run(): string[] {
  const paths = {
    libraryDir: join(dir, "launch"),
    condaDir: join(dir, "conda"),
    homeDir: dir,
    configDirs: { models: join(dir, "models") },
    configDir: join(dir, "config"),
  };
  const log = join(dir, "calls");
  const env = {
    PATH: `${dir}/bin:/usr/bin:/bin`,
    CALLS: log,
    HOME: dir,
    WEBUI_PORT: "19005",
    INSTANCE_CONF_DIR: join(dir, "conf"),
    INSTANCE_OUTPUT_DIR: join(dir, "out"),
  };
  const { status, stderr } = spawnSync("bash", ["-c", rewriteHardPaths(SCRIPT, paths)], { env, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, expect.not.stringContaining("line ")]);
  const calls = readFileSync(log, "utf8").split("\n").filter(Boolean);
  unlinkSync(log);
  return calls;
}

function executable(name: string, script: string): void {
  writeFileSync(join(dir, name), `#!/bin/bash\n${script}\n`);
  chmodSync(join(dir, name), 0o755);
}
