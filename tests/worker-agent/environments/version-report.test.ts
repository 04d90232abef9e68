/** Real virtual environments, with wheels made here and served from a package index of our own. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { versionsService } from "../../../worker-agent/src/environments/service.ts";
import { reportVersions } from "../../../worker-agent/src/environments/version-report.ts";
import { fakeFacts } from "../fake-facts.ts";
import { PackageIndex } from "./package-index.ts";

const NOW = new Date("2026-11-26T12:00:00Z");
const runFile = promisify(execFile);

let dir: string;
let index: PackageIndex;

async function makeEnvironment(name: string, packages: string[]): Promise<string> {
  const path = join(dir, name);
  await runFile("python3", ["-m", "venv", path]);
  const args = ["-m", "pip", "install", "--quiet", "--no-deps", "--index-url", index.url, ...packages];
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
  index = await PackageIndex.open();
  index.add("numpy", "2.3.0");
  const torch = "class version: cuda = '13.0'\nclass cuda: is_available = staticmethod(lambda: False)";
  index.add("torch", "2.10.0", { module: torch });
  index.add("diffusers", "0.40.0", { requires: ["numpy<2"] });
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

it("[SV6] answers two who ask at once with one look, and tells what a broken environment said", async () => {
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
