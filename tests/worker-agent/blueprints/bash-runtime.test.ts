/** Preparing and really running bash blueprints in a data root of their own. */
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bashRuntime } from "../../../worker-agent/src/blueprints/bash/bash-runtime.ts";
import type { AppUser, LaunchPlan, PrepareInput } from "../../../worker-agent/src/blueprints/runtime.ts";
import { type DataRoot, dataRootAt, makeDataRoot } from "../../../worker-agent/src/host/data-root.ts";

const isRoot = process.getuid?.() === 0;
const hasConda = spawnSync("conda", ["--version"]).error === undefined || existsSync("/opt/conda/bin/conda");
const NOBODY: AppUser = { uid: 65534, gid: 65534 };

let top: string;
let root: DataRoot;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), "bash-runtime-"));
  await chmod(top, 0o755);
  root = dataRootAt(join(top, "data"));
  await makeDataRoot(root);
});
afterEach(() => rm(top, { recursive: true, force: true }));

const SOURCE = `--- Sample.sh ---
#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = Sample
### AIKORE-METADATA-END ###
source /opt/sd-install/functions.sh
source /opt/sd-install/versions.env
sl_folder "$INSTANCE_CONF_DIR" models /config/models sample
type -t sl_folder clean_env sync_repo check_remote install_requirements | tr '\\n' ' '; echo
pwd
env
`;

describe("a launch", () => {
  it("starts in the instance's folder with every variable, past a junk first line", async () => {
    const plan = await prepare({
      instance: { gpuIds: ["1", "0"], pythonVersion: "3.12", cudaVersion: "13.0", torchVersion: "2.10.0" },
    });
    const { lines, stderr, status } = launch(plan);
    expect([status, stderr]).toEqual([0, expect.stringContaining("command not found")]);
    expect(lines.slice(0, 2)).toEqual([
      "function function function function function ",
      join(root.instancesDir, "my-app"),
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        "WEBUI_PORT=19001",
        "INSTANCE_NAME=My App",
        `INSTANCE_CONF_DIR=${root.instancesDir}/my-app`,
        `INSTANCE_OUTPUT_DIR=${root.outputsDir}/My App`,
        "BLUEPRINT_ID=sample",
        "SUBFOLDER=/",
        `TMPDIR=${root.tmpDir}`,
        "CUDA_DEVICE_ORDER=PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES=1,0",
        "PYTHON_VERSION=3.12",
        "CUDA_VERSION=13.0",
        "TORCH_VERSION=2.10.0",
        `HOME=${root.homeDir}/my-app`,
      ]),
    );
    expect((await lstat(join(root.instancesDir, "my-app/models"))).isSymbolicLink()).toBe(true);
    expect((await stat(join(root.modelsDir, "sample"))).isDirectory()).toBe(true);
  });

  it("hides no GPU and sets no version when none is chosen", async () => {
    const { env } = await prepare({});
    expect(Object.keys(env).filter((name) => /VISIBLE_DEVICES$|^(PYTHON|CUDA|TORCH)_VERSION$/.test(name))).toEqual([]);
  });

  it("rewrites aikore_vars.env each time", async () => {
    await prepare({ instance: { cudaVersion: "12.8", pythonVersion: "3.11" } });
    const file = join(root.instancesDir, "my-app/aikore_vars.env");
    const { stdout } = spawnSync("bash", [
      "-c",
      'source "$1"; echo "$CUDA_VERSION $PYTORCH_INDEX_URL $PYTHON_VERSION"',
      "sh",
      file,
    ]);
    expect(String(stdout)).toBe("12.8 https://download.pytorch.org/whl/cu128 3.11\n");
    await prepare({});
    expect(await readFile(file, "utf8")).not.toContain("export");
  });

  it("[RC12] replaces a script of another blueprint, and keeps what a person made of the old one", async () => {
    await prepare({});
    const folder = join(root.instancesDir, "my-app");
    await writeFile(join(folder, "launch.sh"), "echo edited by hand");
    const other = { blueprint: { name: "other", kind: "bash" as const, digest: "0123456789abcdef" } };
    const again = { instance: other, source: "echo another blueprint", replacesScript: true };
    expect(launch(await prepare(again)).lines).toEqual(["another blueprint"]);
    // Killed before it could be noted: the second time, the kept one is not lost to the new one.
    await prepare(again);
    expect(await readFile(join(folder, "launch.sh.before-01234567"), "utf8")).toBe("echo edited by hand");
  });

  it("[RC12] asks the script for a new environment, and takes it away where the script does not listen", async () => {
    const envOf = (name: string) => join(root.instancesDir, "my-app", name);
    await prepare({ source: "echo plain" });
    await mkdir(envOf("env/bin"), { recursive: true });
    await prepare({ source: null, rebuilds: true });
    await expect(lstat(envOf("env"))).rejects.toMatchObject({ code: "ENOENT" });
    await mkdir(envOf("env/bin"), { recursive: true });
    await writeFile(envOf("launch.sh"), 'source /opt/sd-install/functions.sh\nclean_env "$INSTANCE_CONF_DIR/env"\n');
    const plan = await prepare({ source: null, rebuilds: true });
    expect((await lstat(envOf(".rebuild-env"))).isFile()).toBe(true);
    launch(plan);
    for (const gone of [".rebuild-env", "env"]) {
      await expect(lstat(envOf(gone))).rejects.toMatchObject({ code: "ENOENT" });
    }
  });

  it.each(["../elsewhere", "/etc/env", "."])("[RC12] takes nothing away outside the folder: %s", async (path) => {
    const header = `### AIKORE-METADATA-START ###\n# aikore.venv_path = ${path}\n### AIKORE-METADATA-END ###\necho x`;
    await mkdir(join(root.instancesDir, "elsewhere"), { recursive: true });
    await prepare({ source: header, rebuilds: true });
    expect((await lstat(join(root.instancesDir, "elsewhere"))).isDirectory()).toBe(true);
  });

  it("uses the instance's own script once there is one, and generates what runs from it", async () => {
    expect(await bashRuntime.needsSource(family({}))).toBe(true);
    await prepare({});
    expect(await bashRuntime.needsSource(family({}))).toBe(false);
    const own = join(root.instancesDir, "my-app/launch.sh");
    expect(await readFile(own, "utf8")).toBe(SOURCE);
    await writeFile(own, "\uFEFFecho edited /config/models\r\n");
    const plan = await prepare({ source: SOURCE });
    expect(plan.args).toEqual([join(root.launchDir, "i1.sh")]);
    expect(launch(plan).lines).toEqual([`edited ${root.modelsDir}`]);
  });

  it("leaves a running script alone: the new copy is another file", async () => {
    const [script] = (await prepare({})).args;
    const before = await stat(script ?? "");
    await prepare({});
    expect((await stat(script ?? "")).ino).not.toBe(before.ino);
  });

  it("works without metadata", async () => {
    expect(launch(await prepare({ source: "echo plain" })).lines).toEqual(["plain"]);
  });

  it("puts the names of /config where a script finds them when it makes them up while it runs", async () => {
    const plan = await prepare({ source: 'd=models; echo x > "/config/$d/from-script"' });
    expect(launch(plan).status).toBe(0);
    expect(await readFile(join(root.modelsDir, "from-script"), "utf8")).toBe("x\n");
  });
});

describe("a script's syntax", () => {
  it("is checked before anything of it runs, and its line named", async () => {
    const source = "touch ran\nif true; then\n  echo a\nfi\n)\n";
    const refused = await prepare({ source }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "bad_script",
      message: expect.stringMatching(/^launch\.sh, line 5: syntax error near unexpected token/),
    });
    const open = "echo a\r\nif true; then\r\necho b\r\n";
    await writeFile(join(root.instancesDir, "my-app/launch.sh"), open);
    await expect(prepare({})).rejects.toMatchObject({
      message: expect.stringMatching(/line \d+: .*unexpected end of file/),
    });
  });

  it.each([
    ["a junk first line", "--- X.sh ---\n#!/bin/bash\necho ok\n"],
    ["patterns it switches on itself", "shopt -s extglob\ncase b in !(a)) echo ok;; esac\n"],
    ["what comes after its end", "echo ok\nexit 0\n)\u0001 payload ((\n"],
    ["what comes after it became its app", "exec 2>/dev/null\nexec echo ok\n)(\n"],
  ])("does not object to %s", async (_title, source) => {
    const { lines, status } = launch(await prepare({ source }));
    expect([lines, status]).toEqual([["ok"], 0]);
  });

  it("is an error after no more than a redirection", async () => {
    await expect(prepare({ source: "exec 2>&1\n)\n" })).rejects.toMatchObject({ code: "bad_script" });
  });
});

describe("conda", () => {
  const CALLS = "command -v conda\n/home/abc/miniconda3/bin/conda info --base";

  it("is this node's own where it has one, for hard paths and for who just calls it", async () => {
    const own = join(root.path, "miniconda3/bin/conda");
    await mkdir(join(own, ".."), { recursive: true });
    await writeFile(own, "#!/bin/sh\necho really $*\n", { mode: 0o755 });
    expect(launch(await prepare({ source: CALLS })).lines.at(-1)).toBe("really info --base");
    const { env } = await bashRuntime.surroundings({ ...family({}), port: 1, user: null, hasViews: false });
    expect(env["PATH"]?.endsWith(`:${root.path}/miniconda3/bin`)).toBe(true);
  });

  it.skipIf(hasConda)("is a stand-in where the host has none", async () => {
    const base = join(root.launchDir, "conda");
    expect(launch(await prepare({ source: CALLS })).lines).toEqual([join(base, "bin/conda"), base]);
  });
});

describe("a satellite", () => {
  it("has its parent's name, folder and script, and its own port, outputs and working folder", async () => {
    await prepare({});
    const parent = desired({});
    const satellite = { id: "i2", name: "Second", slug: "second", folder: "second", parent: "i1" };
    expect(await bashRuntime.needsSource(family({ instance: satellite, parent }))).toBe(false);
    const plan = await prepare({ instance: satellite, parent, port: 19002, source: null });
    expect(plan.cwd).toBe(join(root.instancesDir, "second"));
    expect(plan.args).toEqual([join(root.launchDir, "i2.sh")]);
    expect(plan.env).toMatchObject({
      WEBUI_PORT: "19002",
      INSTANCE_NAME: "My App",
      INSTANCE_CONF_DIR: join(root.instancesDir, "my-app"),
      INSTANCE_OUTPUT_DIR: join(root.outputsDir, "Second"),
    });
    expect(launch(plan).status).toBe(0);
  });
});

describe("what a person must mend", () => {
  it.each<[string, Parameters<typeof prepare>[0]]>([
    ["empty_blueprint", { source: " \n" }],
    ["no_script", { source: null }],
    ["bad_output_path", { instance: { outputPath: "../instances/other" } }],
    ["bad_output_path", { instance: { outputPath: "/etc" } }],
    ["bad_output_path", { instance: { outputPath: "." } }],
    ["bad_version", { instance: { pythonVersion: '3.12"; touch /tmp/x; "' } }],
  ])("is told as %s: %j", async (code, options) => {
    await expect(prepare(options)).rejects.toMatchObject({ name: "LaunchError", code, hint: expect.any(String) });
  });

  it("includes an output folder that an app turned into a link", async () => {
    await mkdir(join(root.outputsDir, "a"));
    await symlink(root.instancesDir, join(root.outputsDir, "a/b"));
    await expect(prepare({ instance: { outputPath: "a/b" } })).rejects.toMatchObject({ code: "not_a_folder" });
    await expect(prepare({ instance: { outputPath: "a/b/c" } })).rejects.toMatchObject({ code: "not_a_folder" });
  });

  it("includes a data root with a blank, for scripts with hard paths only", async () => {
    root = dataRootAt(join(top, "my data"));
    await makeDataRoot(root);
    await expect(prepare({})).rejects.toMatchObject({ code: "unsafe_data_root" });
    await rm(join(root.instancesDir, "my-app/launch.sh"));
    const plan = await prepare({ source: 'echo "$INSTANCE_CONF_DIR"' });
    expect(launch(plan).lines).toEqual([join(root.instancesDir, "my-app")]);
  });
});

describe.runIf(isRoot)("under another user", () => {
  it("gives the app its folders and keeps the launch scripts", async () => {
    const plan = await prepare({
      user: NOBODY,
      source: 'id -u; echo x > "$INSTANCE_OUTPUT_DIR/x"; : > "$HOME/x"; : > /config/models/x; : > "$TMPDIR/x"',
    });
    expect(launch(plan, NOBODY)).toMatchObject({ status: 0, lines: ["65534"] });
    const forbidden = await prepare({
      user: NOBODY,
      instance: { id: "i3", name: "c", slug: "c", folder: "c" },
      source: ': > "$0"',
    });
    expect(launch(forbidden, NOBODY).status).toBe(1);
  });

  it("takes over folders from when instances ran as root", async () => {
    await prepare({});
    await writeFile(join(root.instancesDir, "my-app/old"), "");
    await prepare({ user: NOBODY });
    expect((await stat(join(root.instancesDir, "my-app/old"))).uid).toBe(NOBODY.uid);
  });

  it("follows no link that the app left in place of its files", async () => {
    await prepare({ user: NOBODY });
    const secret = join(root.path, "node.json");
    await writeFile(secret, "the key", { mode: 0o600 });
    const conf = join(root.instancesDir, "my-app");
    for (const name of ["launch.sh", "aikore_vars.env"]) {
      await rm(join(conf, name));
      await symlink(secret, join(conf, name));
    }
    const plan = await prepare({ user: NOBODY, source: "echo fresh" });
    expect(launch(plan, NOBODY).lines).toEqual(["fresh"]);
    expect(await readFile(secret, "utf8")).toBe("the key");
    expect((await stat(secret)).uid).toBe(0);
  });
});

type Changes = Partial<DesiredInstance>;

function desired(changes: Changes): DesiredInstance {
  return {
    id: "i1",
    name: "My App",
    slug: "my-app",
    folder: "my-app",
    generation: 1,
    desired: "running",
    deleteMode: "permanent",
    epoch: 1,
    blueprint: { name: "sample", kind: "bash", digest: "d" },
    parent: null,
    origin: null,
    rebuilds: 0,
    resets: 0,
    gpuIds: [],
    autostart: false,
    port: null,
    ports: [],
    env: [],
    outputPath: null,
    restartPolicy: "never",
    pythonVersion: null,
    cudaVersion: null,
    torchVersion: null,
    ...changes,
  };
}

function family({ instance = {}, parent = null }: { instance?: Changes; parent?: DesiredInstance | null }) {
  return { instance: desired(instance), parent, root };
}

function prepare(
  options: Partial<Omit<PrepareInput, "instance" | "root">> & { instance?: Changes },
): Promise<LaunchPlan> {
  const { instance, parent = null, ...rest } = options;
  const usual = {
    ...{ port: 19001, namedPorts: [], launch: 1, source: SOURCE, user: null },
    ...{ replacesScript: false, rebuilds: false, hasViews: false },
  };
  return bashRuntime.prepare({ ...usual, ...rest, ...family({ instance, parent }) });
}

function launch(plan: LaunchPlan, user: AppUser | null = null) {
  const { stdout, stderr, status } = spawnSync(plan.command, plan.args, {
    cwd: plan.cwd,
    env: plan.env,
    encoding: "utf8",
    ...user,
  });
  return { lines: stdout.split("\n").slice(0, -1), stderr, status };
}
