/** What launches and shells of bash blueprints set themselves is what no person may set for an instance. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isReservedVariable } from "@roundhouse/protocol/reserved-variables";
import { bashRuntime } from "../../../worker-agent/src/blueprints/bash/bash-runtime.ts";
import { dataRootAt, makeDataRoot } from "../../../worker-agent/src/host/data-root.ts";
import { wish } from "../instances/harness.ts";

let top: string;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), "reserved-variables-"));
});
afterEach(() => rm(top, { recursive: true, force: true }));

it("no person may set a variable that a launch or a shell sets itself", async () => {
  const root = dataRootAt(join(top, "data"));
  await makeDataRoot(root);
  const chosen = { gpuIds: ["0"], pythonVersion: "3.12", cudaVersion: "12.8", torchVersion: "2.10.0" };
  const instance = wish(chosen);
  const input = { instance, parent: null, root, user: null, port: 19001, hasViews: false };
  const launch = await bashRuntime.prepare({
    ...input,
    namedPorts: [],
    launch: 1,
    source: "#!/bin/bash\n",
    replacesScript: false,
    rebuilds: false,
  });
  const folder = join(root.instancesDir, instance.folder, "env");
  for (const [mark, told] of [
    ["pyvenv.cfg", "VIRTUAL_ENV"],
    ["conda-meta", "CONDA_PREFIX"],
  ] as const) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, mark), "");
    const shell = await bashRuntime.surroundings(input);
    const set = Object.entries({ ...shell.env, ...launch.env }).filter(([name, value]) => value !== process.env[name]);
    const names = set.map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(["HOME", "INSTANCE_CONF_DIR", "CUDA_VISIBLE_DEVICES", told]));
    expect(names.filter((name) => !isReservedVariable(name))).toEqual([]);
    await rm(folder, { recursive: true });
  }
});
