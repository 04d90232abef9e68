/** Real virtual environments, with wheels made here and served from a package index of our own. */
import { execFile, execFileSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { versionsService } from "../../../worker-agent/src/environments/service.ts";
import { reportVersions } from "../../../worker-agent/src/environments/version-report.ts";
import { fakeFacts } from "../fake-facts.ts";

const NOW = new Date("2026-11-26T12:00:00Z");
const runFile = promisify(execFile);

let dir: string;
let index: Server;
let indexUrl: string;
const wheels = new Map<string, Buffer>();

/** A wheel is a zip with the package and what is said about it. */
function makeWheel(name: string, version: string, requires: string[] = [], body = ""): void {
  const file = `${name.replaceAll("-", "_")}-${version}-py3-none-any.whl`;
  const program = `
import io, sys, zipfile
name, version, body, *requires = sys.argv[1:]
module = name.replace("-", "_")
info = f"{module}-{version}.dist-info"
metadata = "".join([f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n"] + [f"Requires-Dist: {one}\\n" for one in requires])
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as wheel:
    wheel.writestr(f"{module}/__init__.py", body)
    wheel.writestr(f"{info}/METADATA", metadata)
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
sys.stdout.buffer.write(out.getvalue())`;
  wheels.set(file, execFileSync("python3", ["-c", program, name, version, body, ...requires]));
}

/** A "simple" index (PEP 503): a page for each project, with links to its files. */
function serve(): Server {
  return createServer((request, response) => {
    const [, first = "", second = ""] = (request.url ?? "").split("/");
    const file = wheels.get(second);
    if (first === "files" && file) {
      response.end(file);
      return;
    }
    const own = [...wheels.keys()].filter((name) => name.startsWith(`${second.replaceAll("-", "_")}-`));
    response.setHeader("content-type", "text/html");
    response.end(own.map((name) => `<a href="/files/${name}">${name}</a>`).join("\n"));
  });
}

async function makeEnvironment(name: string, packages: string[]): Promise<string> {
  const path = join(dir, name);
  await runFile("python3", ["-m", "venv", path]);
  const args = ["-m", "pip", "install", "--quiet", "--no-deps", "--index-url", indexUrl, ...packages];
  await runFile(join(path, "bin/python"), args, { env: { PATH: process.env["PATH"], PIP_CONFIG_FILE: "/dev/null" } });
  return path;
}

const surroundings = (path: string) => ({
  cwd: dir,
  env: { PATH: `${path}/bin:${process.env["PATH"]}`, VIRTUAL_ENV: path },
  user: null,
});

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "rh-versions-"));
  makeWheel("numpy", "2.3.0");
  makeWheel(
    "torch",
    "2.10.0",
    [],
    "class version: cuda = '13.0'\nclass cuda: is_available = staticmethod(lambda: False)",
  );
  makeWheel("diffusers", "0.40.0", ["numpy<2"]);
  index = serve();
  await new Promise<void>((done) => index.listen(0, "127.0.0.1", done));
  const address = index.address();
  indexUrl = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/simple/`;
});
afterAll(async () => {
  index.close();
  await rm(dir, { recursive: true, force: true });
});

it(
  "names what is there and what is not, PyTorch's CUDA, and what does not fit together",
  { timeout: 120_000 },
  async () => {
    const path = await makeEnvironment("conflicting", ["numpy", "torch", "diffusers"]);
    const report = await reportVersions(surroundings(path), fakeFacts(), NOW);
    expect(report.environment).toMatchObject({ kind: "venv", path });
    expect(report.environment?.python).toMatch(/^3\.\d+\.\d+/);
    const versions = Object.fromEntries(report.packages.map(({ name, version }) => [name, version]));
    expect(versions).toMatchObject({
      numpy: "2.3.0",
      torch: "2.10.0",
      diffusers: "0.40.0",
      xformers: null,
      Pillow: null,
    });
    expect(report.packages).toHaveLength(17);
    expect(report.torch).toEqual({ cuda: "13.0", cudaAvailable: false });
    expect(report.conflicts).toEqual(["diffusers 0.40.0 has requirement numpy<2, but you have numpy 2.3.0."]);
    expect(report.checkedAt).toBe("2026-11-26T12:00:00.000Z");
  },
);

it("says that all fits together, without PyTorch too", { timeout: 120_000 }, async () => {
  const report = await reportVersions(surroundings(await makeEnvironment("fine", ["numpy"])), fakeFacts(), NOW);
  expect(report).toMatchObject({ conflicts: [], torch: null });
});

it("says that there is no environment, and that pip is missing in one", { timeout: 60_000 }, async () => {
  const none = await reportVersions({ cwd: dir, env: {}, user: null }, fakeFacts(), NOW);
  expect(none).toMatchObject({ environment: null, packages: [], conflicts: null });
  const path = join(dir, "without-pip");
  await runFile("python3", ["-m", "venv", "--without-pip", path]);
  expect(await reportVersions(surroundings(path), fakeFacts(), NOW)).toMatchObject({ conflicts: null });
});

it("answers two who ask at once with one look, and tells what a broken environment said", async () => {
  let looks = 0;
  const path = join(dir, "broken");
  const service = versionsService({
    surroundingsOf: async (id) => {
      looks += 1;
      return id === "in_1" ? surroundings(path) : undefined;
    },
    facts: async () => fakeFacts(),
    choices: async () => ({ pythons: [], cuda: { driver: null, versions: [] }, torch: [], torchSource: "build" }),
  });
  const ask = (id: string) => service(new Request(`http://agent/instances/${id}/versions`));
  const [first, second] = await Promise.all([ask("in_1"), ask("in_1")]);
  expect(looks).toBe(1);
  expect(await first?.json()).toEqual({ trouble: `${path}/bin/python is missing` });
  expect(second?.status).toBe(200);
  expect((await ask("in_2"))?.status).toBe(404);
  expect(await (await service(new Request("http://agent/versions")))?.json()).toMatchObject({ torchSource: "build" });
  expect(await service(new Request("http://agent/stats"))).toBeUndefined();
});
