/** What a host can make environments with, found by the real program among real and made-up tools. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSurvey } from "../../../worker-agent/src/environments/survey.ts";
import { dataRootAt, makeDataRoot } from "../../../worker-agent/src/host/data-root.ts";

let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "survey-"));
  chmodSync(dir, 0o755);
  mkdirSync(join(dir, "tools"));
  await makeDataRoot(dataRootAt(join(dir, "data")));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function tool(name: string, script: string): void {
  const path = join(dir, "tools", name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/bash\n${script}\n`);
  chmodSync(path, 0o755);
}

const python = (version: string, makes = "venv") => `echo "${version} ${makes} $3"`;

function survey(now?: () => number) {
  const root = dataRootAt(join(dir, "data"));
  const path = [join(dir, "tools"), join(dir, "tools/.pyenv/shims"), "/usr/bin", "/bin"].join(":");
  return createSurvey({ root, user: null, env: { PATH: path, HOME: dir }, ...(now && { now }) });
}

it("names the tools with their versions, and each python once", async () => {
  tool("uv", "echo 'uv 0.11.23 (abc 2026-07-01)'");
  tool("micromamba", "echo 2.3.0");
  tool("python3.10", python("3.10.4", "bare"));
  symlinkSync(join(dir, "tools/python3.10"), join(dir, "tools/python3.20"));
  tool(".pyenv/shims/python3.13", "exit 9");
  tool(".pyenv/versions/3.13.0/bin/python3", python("3.13.0"));
  const { tools, pythons } = await survey()();
  const at = (name: string) => join(dir, "tools", name);
  expect(tools.filter(({ name }) => name !== "conda")).toEqual([
    { name: "uv", path: at("uv"), version: "0.11.23" },
    { name: "micromamba", path: at("micromamba"), version: "2.3.0" },
  ]);
  const made = pythons.filter(({ path }) => path.startsWith(dir));
  expect(made).toEqual([
    { version: "3.10.4", path: at("python3.10"), venv: false },
    { version: "3.13.0", path: at(".pyenv/versions/3.13.0/bin/python3"), venv: true },
  ]);
});

it("finds this machine's own python", async () => {
  const { pythons } = await survey()();
  expect(pythons).toContainEqual({
    version: expect.stringMatching(/^3\.\d+\.\d+$/),
    path: "/usr/bin/python3",
    venv: true,
  });
});

it("looks again only when what it knows is old", async () => {
  let now = 0;
  const read = survey(() => now);
  const first = await read();
  tool("uv", "echo uv 1.0");
  expect(await read()).toBe(first);
  now = 31 * 60_000;
  expect((await read()).tools.map(({ name }) => name)).toContain("uv");
});
