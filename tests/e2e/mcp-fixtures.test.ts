/** The MCP servers that tests put on nodes, asked directly: what they do without anything of ours in between. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, test } from "vitest";
import { Engine } from "./docker.ts";
import { AttachedContainer } from "./mcp/attached-container.ts";
import { countOf, runSuite } from "./mcp/conformance.ts";
import { IMAGE_USER, pushFilesServer } from "./mcp/image.ts";
import { STDIO_SERVER } from "./mcp/programs.ts";
import { SuiteServer } from "./mcp/suite-process.ts";
import { LOGIN, Registry } from "./registry.ts";
import { measured, until } from "./until.ts";

const INFO = { name: "roundhouse-tests", version: "1" };
const PROGRAMS = join(import.meta.dirname, "../programs/node_modules");

async function openStdio(program: string, env: Record<string, string> = {}) {
  const transport = new StdioClientTransport({ command: process.execPath, args: [program], env, stderr: "pipe" });
  let log = "";
  transport.stderr?.on("data", (chunk) => (log += String(chunk)));
  const client = new Client(INFO);
  await client.connect(transport);
  return { client, log: () => log };
}

test("the server for the conformance suite passes every check of it", async () => {
  const server = await SuiteServer.open();
  try {
    const found = await runSuite({ url: server.url, specVersion: "2025-11-25" });
    const checks = [...found.values()].flat();
    const amiss = checks.filter(({ status }) => status !== "SUCCESS" && status !== "INFO");
    expect(amiss).toEqual([]);
    expect(found.size).toBe(33);
    expect([...found.values()].filter((made) => countOf("SUCCESS", made) === 0)).toEqual([]);
    process.stdout.write(`  measured: ${countOf("SUCCESS", checks)} checks passed in ${found.size} scenarios\n`);
  } finally {
    await server.close();
  }
});

test("a definition of the server over stdio changes behind the back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "roundhouse-mcp-"));
  const file = join(folder, "description");
  await writeFile(file, "Says it again.");
  const { client } = await openStdio(STDIO_SERVER, { ECHO_DESCRIPTION_FILE: file });
  try {
    const described = async () => (await client.listTools()).tools.find(({ name }) => name === "echo")?.description;
    expect(await described()).toBe("Says it again.");
    await writeFile(file, "Says it again, and sends it elsewhere.");
    expect(await described()).toBe("Says it again, and sends it elsewhere.");
  } finally {
    await client.close();
    await rm(folder, { recursive: true });
  }
});

test("the server over stdio answers, fails, tells progress, and ends what is cancelled", async () => {
  const { client, log } = await openStdio(STDIO_SERVER, { CANARY: "in-a-cage" });
  try {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["echo", "add", "slow", "environment", "fail"]);
    const call = (name: string, args: Record<string, unknown> = {}) => client.callTool({ name, arguments: args });
    expect(await call("echo", { text: "ahoj" })).toEqual({ content: [{ type: "text", text: "ahoj" }] });
    expect(await call("add", { a: 2, b: 40 })).toMatchObject({ structuredContent: { sum: 42 } });
    expect(await call("fail")).toMatchObject({ isError: true });
    const environment = await call("environment", { variable: "CANARY" });
    expect(environment.structuredContent).toMatchObject({ names: expect.arrayContaining(["CANARY"]), isSet: true });
    expect(JSON.stringify(environment)).not.toContain("in-a-cage");
    expect(await call("environment", { variable: "NOBODY" })).toMatchObject({ structuredContent: { isSet: false } });
    const steps: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => void steps.push(progress);
    await client.callTool({ name: "slow", arguments: { steps: 3 } }, undefined, { onprogress });
    expect(steps).toEqual([1, 2, 3]);
    const abort = new AbortController();
    const cancelled = client.callTool({ name: "slow", arguments: { steps: 1000 } }, undefined, {
      signal: abort.signal,
      onprogress: () => abort.abort("enough"),
    });
    await expect(cancelled).rejects.toThrow("enough");
    await until("the call ends early", () => /slow: cancelled after \d{1,2} of 1000 steps/.test(log()));
  } finally {
    await client.close();
  }
});

test("a published server answers that keeps its files in an image, pulled from a registry", async () => {
  const [engine, registry] = await Promise.all([Engine.open(), Registry.open()]);
  try {
    const began = performance.now();
    const image = await pushFilesServer(registry, "tests/files-server");
    const pushed = performance.now();
    await engine.pull(image, LOGIN);
    measured("making the image", pushed - began);
    measured("pulling it", performance.now() - pushed);
    const container = new AttachedContainer(engine, image);
    const client = new Client(INFO);
    await client.connect(container);
    const version = client.getServerVersion();
    expect(version?.name).toBe("secure-filesystem-server");
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["read_text_file", "write_file", "list_directory"]));
    await client.callTool({ name: "write_file", arguments: { path: "/data/note", content: "kept" } });
    const read = await client.callTool({ name: "read_text_file", arguments: { path: "/data/note" } });
    expect(read.content).toEqual([{ type: "text", text: "kept" }]);
    const [running] = await engine.client.listContainers();
    const { Config } = await engine.client.getContainer(running?.Id ?? "").inspect();
    expect(Config.User).toBe(`${IMAGE_USER}:${IMAGE_USER}`);
    await client.close();
    await until("the container is gone", async () => (await engine.containers()).length === 0);
  } finally {
    await engine.close();
    await registry.close();
  }
});

test("a published server of memories answers over stdio", async () => {
  const folder = await mkdtemp(join(tmpdir(), "roundhouse-mcp-"));
  const program = join(PROGRAMS, "@modelcontextprotocol/server-memory/dist/index.js");
  const { client } = await openStdio(program, { MEMORY_FILE_PATH: join(folder, "memory.jsonl") });
  try {
    const entities = [{ name: "Ada", entityType: "person", observations: ["counts"] }];
    await client.callTool({ name: "create_entities", arguments: { entities } });
    const found = await client.callTool({ name: "search_nodes", arguments: { query: "counts" } });
    expect(found.structuredContent).toMatchObject({ entities });
  } finally {
    await client.close();
    await rm(folder, { recursive: true });
  }
});
