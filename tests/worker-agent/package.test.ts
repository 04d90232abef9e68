/** The agent as it is published: packed, unpacked somewhere else, and run by every suitable Node of this machine. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildAll } from "../../scripts/build.ts";
import { packAgent } from "../../scripts/pack.ts";

const run = promisify(execFile);
let folder: string;
let program: string;

beforeAll(async () => {
  await buildAll();
  folder = await mkdtemp(join(tmpdir(), "agent-package-"));
  await run("tar", ["xzf", await packAgent(folder), "-C", folder]);
  program = join(folder, "package/dist/agent.mjs");
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Every Node on PATH from 20 on, one of each version. */
async function suitableNodes(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const place of [process.execPath, ...(process.env["PATH"] ?? "").split(":").map((dir) => join(dir, "node"))]) {
    if (!existsSync(place)) continue;
    const { stdout } = await run(place, ["--version"]);
    const version = stdout.trim();
    if (Number(/^v(\d+)/.exec(version)?.[1]) >= 20) found.set(version, place);
  }
  return found;
}

describe("the packed agent", () => {
  it("is four programs and nothing that needs installing", () => {
    expect(readdirSync(join(folder, "package")).toSorted()).toEqual(["dist", "package.json"]);
    expect(readdirSync(join(folder, "package/dist")).toSorted()).toEqual([
      ...["agent.mjs", "container.mjs", "keeper.mjs", "tool.mjs"],
    ]);
  });

  it("runs alone on every Node from 20 on that this machine has", async () => {
    const nodes = await suitableNodes();
    expect(nodes.size).toBeGreaterThan(0);
    for (const node of nodes.values()) {
      const { stdout } = await run(node, [program, "--version"], { cwd: folder });
      expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    }
  });

  it("dials until it is told to stop, on every such Node", async () => {
    for (const node of (await suitableNodes()).values()) {
      const data = await mkdtemp(join(folder, "data-"));
      const identity = { id: "nd_000000000000", url: "http://127.0.0.1:9", key: `rhn_${"a".repeat(43)}` };
      await writeFile(join(data, "node.json"), JSON.stringify(identity));
      const agent = spawn(node, [program, "--data", data]);
      const ended = once(agent, "exit");
      let output = "";
      for (const stream of [agent.stdout, agent.stderr])
        stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
      await vi.waitFor(() => expect(output).toContain("ECONNREFUSED"), { timeout: 10_000 });
      agent.kill("SIGINT");
      expect(await ended).toEqual([0, null]);
      expect(output).toContain("stopped; no app was running");
    }
  });

  it("says why it cannot join, on every such Node", async () => {
    for (const node of (await suitableNodes()).values()) {
      // A whole token, for a port where nobody listens.
      const url = Buffer.from("http://127.0.0.1:9").toString("base64url");
      const attempt = run(node, [program, "--token", `rhj_${"a".repeat(43)}.${url}`, "--data", join(folder, "data")]);
      await expect(attempt).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("http://127.0.0.1:9") });
    }
  });

  it.each([
    [["--token", "nonsense"], '--token "nonsense" is not a join token'],
    [["--url", "ftp://x"], '--url "ftp://x" is not an address'],
    [["--label", "novalue"], '--label "novalue" must look like key=value'],
    [["--port-pool", "9001"], '--port-pool "9001" must look like 9001-9020'],
    [["--port-pool", "80-90"], '--port-pool "80-90" must look like 9001-9020'],
    [["dance"], 'unknown command "dance"'],
    [["--bogus"], "--bogus"],
  ])("refuses %j with words", async (args, words) => {
    await expect(run(process.execPath, [program, ...args])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(words),
    });
  });
});
