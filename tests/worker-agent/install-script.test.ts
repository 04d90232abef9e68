/** install.sh on a root file system without Node, with a loopback server in place of nodejs.org and of the control plane. */
import { execFile } from "node:child_process";
import { access, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type FileServer, serveFiles } from "../machines/file-server.ts";
import { NODE_BUILD, nodeRelease, releasePath, sha256 } from "../machines/node-release.ts";
import { makeRootfs, type Rootfs } from "../machines/rootfs.ts";

// Node is unpacked again and again, 120 MB each time.
vi.setConfig({ testTimeout: 60_000 });

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, "../../worker-agent/install.sh");

/** Says how it was started; with `--stay` it goes on as a connected agent does. */
const AGENT = `
console.log(JSON.stringify({ args: process.argv.slice(2), node: process.execPath, file: process.argv[1] }));
if (process.argv.includes("--stay")) setTimeout(() => console.log("x connected to y"), 100), setInterval(() => {}, 1000);
if (process.argv.includes("--end")) console.log("the pool does not want it"), process.exit(1);
`;
const AGENT_FILE = "worker-agent-9.9.9-0123abcd.tgz";

let script: string;
let agentPackage: Buffer;
let release: [string, Buffer | string][];
let server: FileServer;
let machine: Rootfs;

beforeAll(async () => {
  script = await readFile(SCRIPT, "utf8");
  agentPackage = await packFixture();
  release = await nodeRelease();
}, 60_000);

beforeEach(async () => {
  server = await serveFiles([
    ...release,
    [`/agent/${AGENT_FILE}`, agentPackage],
    ["/agent/SHASUMS256.txt", `${sha256(agentPackage)}  ${AGENT_FILE}\n`],
  ]);
  server.files.set("/install.sh", script.replaceAll("@PUBLIC_URL@", server.url));
  machine = await makeRootfs(process.execPath);
  return async () => {
    server.close();
    await machine.close();
  };
});

async function packFixture(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "agent-fixture-"));
  await mkdir(join(folder, "package/dist"), { recursive: true });
  await writeFile(join(folder, "package/dist/agent.mjs"), AGENT);
  await run("tar", ["-czf", join(folder, "agent.tgz"), "-C", folder, "package"]);
  const packed = await readFile(join(folder, "agent.tgz"));
  await rm(folder, { recursive: true });
  return packed;
}

const install = (options = "", env: Record<string, string> = {}) =>
  machine.run(`wget -qO- ${server.url}/install.sh | sh -s -- --node-source ${server.url} ${options}`, env);

/** How the agent was started. */
function started(output: string): { args: string[]; node: string; file: string } {
  const line = output.split("\n").find((text) => text.startsWith("{"));
  if (!line) throw new Error(`the agent was not started:\n${output}`);
  return JSON.parse(line) as { args: string[]; node: string; file: string };
}

const exists = (path: string) =>
  access(join(machine.path, path)).then(
    () => true,
    () => false,
  );

describe("install.sh on a machine without Node", () => {
  it("fetches Node and the agent into the data root, and starts the agent with the options that are its own", async () => {
    const { status, output } = await install(`--token T --name "my box" --label a=b --data /tmp/data`);
    expect([status, output]).toEqual([0, expect.any(String)]);
    expect(started(output)).toEqual({
      args: ["--token", "T", "--name", "my box", "--label", "a=b", "--data", "/tmp/data"],
      node: `/tmp/data/node/${NODE_BUILD}/bin/node`,
      file: "/tmp/data/agent/worker-agent-9.9.9-0123abcd/dist/agent.mjs",
    });
    expect((await machine.run("ls -A /tmp/data")).output).toBe("agent\nnode\n");
  });

  it("hands the agent the ceiling of its node, and every word as it was given", async () => {
    const words = [
      "--policy",
      "ask",
      "--no-exec",
      "--policy=deny",
      "--name",
      "it's; $(id) `id` \\ *",
      "--label",
      "a= b  c",
      "",
    ];
    const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    const { status, output } = await install(`--token T ${quoted}`);
    expect([status, output]).toEqual([0, expect.any(String)]);
    expect(started(output).args).toEqual(["--token", "T", ...words]);
    const { output: help } = await install("--help");
    expect(help).toMatch(/--policy P .*allow, ask.*deny[\s\S]*--no-exec/);
  });

  it("fetches nothing again at the next start but the agent's checksum", async () => {
    await install();
    server.asked.length = 0;
    const { output } = await install();
    expect(started(output).node).toBe(`/var/lib/worker-agent/node/${NODE_BUILD}/bin/node`);
    expect(server.asked).toEqual(["/install.sh", "/agent/SHASUMS256.txt"]);
  });

  it("fetches the agent that belongs to an upgraded control plane", async () => {
    await install();
    const next = AGENT_FILE.replace("0123abcd", "4567cdef");
    server.files.set(`/agent/${next}`, agentPackage);
    server.files.set("/agent/SHASUMS256.txt", `${sha256(agentPackage)}  ${next}\n`);
    expect(started((await install()).output).file).toContain("worker-agent-9.9.9-4567cdef/");
  });

  it("refuses a Node whose checksum is not the one in the list, and leaves nothing of it", async () => {
    const name = `${NODE_BUILD}.tar.gz`;
    server.files.set(releasePath("SHASUMS256.txt"), `${"0".repeat(64)}  ${name}\n`);
    const { status, output } = await install();
    expect(status).toBe(1);
    expect(output).toContain(`${name} does not match its checksum`);
    expect(await exists("var/lib/worker-agent/node")).toBe(false);
    expect((await machine.run("ls -A /var/lib/worker-agent")).output).toBe("");
  });

  it("refuses a Node that is not in the list of checksums", async () => {
    server.files.set(releasePath("SHASUMS256.txt"), `${"0".repeat(64)}  another.tar.gz\n`);
    const { status, output } = await install();
    expect([status, output]).toEqual([1, expect.stringContaining("is not in the list of checksums")]);
  });

  it("refuses a download that was cut off, and carries on when it is run again", async () => {
    const archive = releasePath(`${NODE_BUILD}.tar.gz`);
    server.cut.add(archive);
    const { status, output } = await install();
    expect([status, output]).toEqual([1, expect.stringMatching(/run (it|this) again/)]);
    expect((await machine.run("ls -A /var/lib/worker-agent")).output).toBe("");
    server.cut.clear();
    expect((await install()).status).toBe(0);
  });

  it("refuses an agent whose checksum is not the control plane's", async () => {
    server.files.set("/agent/SHASUMS256.txt", `${"0".repeat(64)}  ${AGENT_FILE}\n`);
    const { status, output } = await install();
    expect([status, output]).toEqual([1, expect.stringContaining(`${AGENT_FILE} does not match its checksum`)]);
    expect(await exists("var/lib/worker-agent/agent")).toBe(false);
  });

  it("says what to do when the source of Node or the control plane does not answer", async () => {
    const nowhere = await install("--node-source http://127.0.0.1:9");
    expect([nowhere.status, nowhere.output]).toEqual([1, expect.stringContaining("--node-source")]);
    const lost = await install("--url http://127.0.0.1:9");
    expect([lost.status, lost.output]).toEqual([1, expect.stringContaining("Is the control plane running")]);
  });

  it("says what to do when what was fetched does not run here", async () => {
    await rm(join(machine.path, "lib"), { recursive: true, force: true });
    const { status, output } = await install();
    expect([status, output]).toEqual([1, expect.stringContaining("does not run here")]);
  });
});

describe("install.sh finds a Node", () => {
  const PLACES: [what: string, path: string, env?: Record<string, string>][] = [
    ["on PATH", "/bin/node"],
    ["of nvm in a home", "/root/.nvm/versions/node/v24.1.0/bin/node"],
    ["of nvm in /opt", "/opt/nvm/versions/node/v24.1.0/bin/node"],
    ["of nvm in NVM_DIR", "/srv/nvm/versions/node/v24.1.0/bin/node", { NVM_DIR: "/srv/nvm" }],
    ["of the active conda environment", "/srv/env/bin/node", { CONDA_PREFIX: "/srv/env" }],
    ["of conda in /opt", "/opt/conda/bin/node"],
    ["of Miniconda in a home", "/root/miniconda3/bin/node"],
    ["of fnm", "/root/.local/share/fnm/node-versions/v24.1.0/installation/bin/node"],
    ["of Volta", "/root/.volta/tools/image/node/24.1.0/bin/node"],
    ["of asdf", "/root/.asdf/installs/nodejs/24.1.0/bin/node"],
    ["below /usr/local", "/usr/local/bin/node"],
    ["unpacked in /opt", "/opt/node-v24/bin/node"],
  ];

  it.each(PLACES)("%s", async (_, place, env = {}) => {
    await machine.addFile(process.execPath, place);
    await machine.addScript(place.replace(/node$/, "npm"), "#!/bin/sh\n");
    const { output } = await install("", env);
    expect(started(output).node).toBe(place);
    expect(server.asked).not.toContain(releasePath("SHASUMS256.txt"));
  });

  it("and passes over one that is too old, broken, or without npm", async () => {
    await machine.addScript("/bin/node", "#!/bin/sh\necho 18.20.4 /bin/node\n");
    await machine.addScript("/opt/conda/bin/node", "#!/bin/sh\nexit 127\n");
    await machine.addFile(process.execPath, "/usr/local/bin/node");
    const { output } = await install();
    expect(started(output).node).toContain(`/node/${NODE_BUILD}/`);
  });
});

describe("install.sh chooses the build of Node", () => {
  /** Asks for a Node there is none of, to see which one it is. */
  const asked = async (): Promise<string> => (await install("--node-version 24.0.1")).output;
  const say = (program: string, words: string) => machine.addScript(`/bin/${program}`, `#!/bin/sh\necho "${words}"\n`);

  beforeEach(async () => {
    // busybox's shell would run its own uname, whatever is on PATH.
    await machine.addProgram("/bin/dash", "/bin/sh");
    await machine.addScript("/bin/uname", `#!/bin/sh\n[ "$1" = -s ] && echo Linux || echo x86_64\n`);
  });

  it("of nodejs.org for a glibc that is new enough", async () => {
    await say("getconf", "glibc 2.28");
    expect(await asked()).toMatch(/Fetching node-v24\.0\.1-linux-x64 from/);
  });

  it("for an older glibc", async () => {
    await say("getconf", "glibc 2.27");
    expect(await asked()).toContain("Fetching node-v24.0.1-linux-x64-glibc-217 from");
  });

  it("for musl", async () => {
    await machine.addScript("/lib/ld-musl-x86_64.so.1", "");
    expect(await asked()).toContain("Fetching node-v24.0.1-linux-x64-musl from");
  });

  it("and says what to do where there is none", async () => {
    await machine.addScript("/bin/uname", `#!/bin/sh\n[ "$1" = -s ] && echo Linux || echo riscv64\n`);
    expect(await asked()).toMatch(/no Node for the processor riscv64\.\n.*Install Node 20 or newer/);
  });
});

describe("install.sh", () => {
  const withNode = async () => {
    await machine.addFile(process.execPath, "/usr/local/bin/node");
    await machine.addScript("/usr/local/bin/npm", "#!/bin/sh\n");
  };

  it("runs nothing when it arrives cut off, wherever that is", async () => {
    const lines = script.split("\n");
    for (const part of [0.2, 0.5, 0.9, 1]) {
      // All but the last line, at most: the one that begins.
      const cut = lines.slice(0, Math.floor((lines.length - 2) * part)).join("\n");
      await machine.addScript("/tmp/cut.sh", cut);
      const { output } = await machine.run("sh /tmp/cut.sh --token T; ls -A /var/lib");
      expect(output.replaceAll(/^.*(syntax error|unterminated|unexpected).*\n/gim, "")).toBe("");
    }
  });

  it("starts the agent in the background, says where its output goes, and ends", async () => {
    await withNode();
    const command = `wget -qO- ${server.url}/install.sh | sh -s -- --policy ask --background --no-exec --stay; ps`;
    const { output } = await machine.run(command);
    expect(output).toMatch(/runs in the background: process \d+, output in \/var\/lib\/worker-agent\/agent\.log/);
    expect(output).toMatch(/agent\.mjs --policy ask --no-exec --stay/);
  });

  it("shows why an agent in the background has ended", async () => {
    await withNode();
    const { status, output } = await install("--background --end");
    expect([status, output]).toEqual([1, expect.stringContaining("the pool does not want it")]);
  });

  it("uses a temporary folder where the data root cannot be written, and leaves that to the agent", async () => {
    await withNode();
    await machine.addScript("/srv/file", "");
    const { output } = await install("--data /srv/file/data");
    expect(output).toContain("/srv/file/data cannot be written");
    expect(started(output)).toMatchObject({
      args: ["--data", "/srv/file/data"],
      file: expect.stringMatching(/^\/tmp/),
    });
  });

  it("keeps Node and the agent where the platform's disk outlives a stop", async () => {
    await withNode();
    const line = `wget -qO- ${server.url}/install.sh | sh -s --`;
    const runPod = await machine.run(`mkdir /workspace; mount -t tmpfs none /workspace; ${line}`, {
      RUNPOD_POD_ID: "x",
    });
    expect(started(runPod.output).file).toContain("/workspace/worker-agent/agent/");
    // The folder alone is on the disk that a stop clears.
    const noVolume = await machine.run(line, { RUNPOD_POD_ID: "x" });
    expect(started(noVolume.output).file).toContain("/var/lib/worker-agent/agent/");
    const lightning = await machine.run(line, { LIGHTNING_CLOUD_SPACE_ID: "x" });
    expect(started(lightning.output).file).toContain("/teamspace/studios/this_studio/.worker-agent/agent/");
    const paperspace = await machine.run(`mkdir /storage; ${line}`, { PAPERSPACE_FQDN: "x" });
    expect(started(paperspace.output).file).toContain("/storage/worker-agent/agent/");
  });

  it("names the option that lacks its value, and the address that it was not given", async () => {
    const lacking = await install("--data");
    expect([lacking.status, lacking.output]).toEqual([1, expect.stringContaining("--data needs a value")]);
    await machine.addScript("/tmp/install.sh", script);
    const { status, output } = await machine.run("sh /tmp/install.sh --token T");
    expect([status, output]).toEqual([1, expect.stringContaining("--url https://pool.example.com")]);
  });

  it("explains itself", async () => {
    const { status, output } = await install("--help");
    expect([status, output]).toEqual([0, expect.stringContaining(`the pool at ${server.url}`)]);
  });

  it("fetches by python3 where there is neither curl nor wget", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bare-"));
    try {
      const tools = ["cat", "gzip", "id", "mkdir", "mv", "python3", "rm", "sleep", "tar", "wc"];
      const links = tools.map((tool) => `ln -s "$(PATH=/usr/bin:/bin command -v ${tool})" ${folder}/`).join("\n");
      await run("sh", [
        "-ec",
        `${links}\nln -s "${process.execPath}" ${folder}/node\ntouch ${folder}/npm\nchmod +x ${folder}/npm`,
      ]);
      await writeFile(join(folder, "install.sh"), script.replaceAll("@PUBLIC_URL@", server.url));
      const options = [join(folder, "install.sh"), "--token", "T", "--data", join(folder, "data")];
      const { stdout } = await run("/bin/sh", options, { env: { PATH: folder, HOME: folder } });
      expect(started(stdout).file).toContain(`${folder}/data/agent/`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.runIf(process.getuid?.() === 0)("keeps everything in the home of somebody who is not root", async () => {
    await machine.addFile(SCRIPT, "/tmp/install.sh");
    await mkdir(join(machine.path, "home"));
    await chown(join(machine.path, "home"), 65534, 65534);
    const command = `HOME=/home sh /tmp/install.sh --url ${server.url} --node-source ${server.url}`;
    const { output } = await machine.run(`su -s /bin/sh nobody -c "${command}"`);
    expect(started(output)).toMatchObject({
      node: `/home/.worker-agent/node/${NODE_BUILD}/bin/node`,
      file: expect.stringContaining("/home/.worker-agent/agent/"),
    });
  });

  it("is a POSIX script to dash, to busybox and to shellcheck", async () => {
    await run("dash", ["-n", SCRIPT]);
    await run("busybox", ["sh", "-n", SCRIPT]);
    await run("shellcheck", ["--shell=sh", SCRIPT]);
  });

  it("fetches the Node that this repository pins", async () => {
    const pinned = JSON.parse(await readFile(join(import.meta.dirname, "../../scripts/node/package.json"), "utf8"));
    const versions = Object.values(pinned.optionalDependencies as Record<string, string>);
    expect(new Set(versions)).toEqual(new Set([/^NODE_VERSION=v(.*)$/m.exec(script)?.[1]]));
  });
});
