/** What the pages of MCP servers say of servers, and what their forms send. */
import { describe, expect, it } from "vitest";
import { McpServer, NewMcpServer, type McpPreset } from "@roundhouse/protocol/api/mcp-server";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { ApiError } from "../../dashboard/src/api/errors.ts";
import { commandFor, jsonFor } from "../../dashboard/src/mcp/connect.ts";
import { containerRows } from "../../dashboard/src/mcp/container-rows.ts";
import { serverErrors, serverFormError } from "../../dashboard/src/mcp/errors.ts";
import { beginPreset, fillBody, takenWay, whyNotSo } from "../../dashboard/src/mcp/preset-draft.ts";
import { draftOfServer, emptyServer, serverBody } from "../../dashboard/src/mcp/run-draft.ts";
import { runInShort, serverInWords, sessionWords } from "../../dashboard/src/mcp/run-words.ts";

const COMMAND = { kind: "command" as const, command: "npx", args: ["-y", "a server", "{workspace}"] };
const CONTAINER = {
  kind: "container" as const,
  image: "mcp/filesystem:1",
  args: ["/data"],
  mounts: [{ from: "workspace", to: "/data" }],
  memory: "1GiB",
};
const HTTP = { kind: "http" as const, port: 8000, headers: { Authorization: "API_TOKEN" } };

const PRESET: McpPreset = {
  id: "git",
  title: "Git",
  description: "",
  homepage: "https://example.com",
  needs: "",
  ways: ["container", "command"],
  fields: [
    { name: "folder", label: "Folder", kind: "folder", required: true, default: "workspace", hint: "", options: [] },
    {
      name: "mode",
      label: "Mode",
      kind: "choice",
      required: true,
      default: "",
      hint: "",
      options: [{ value: "r", label: "R" }],
    },
    { name: "key", label: "Key", kind: "secret", required: false, default: "", hint: "", options: [] },
  ],
};

function nodeWith(docker: boolean, status: Node["status"] = "online"): Node {
  const facts = { docker: docker ? { available: true, version: "27" } : { available: false, reason: "no socket" } };
  return { id: `n-${docker}`, name: "attic", status, capabilities: { docker }, facts } as Node;
}

function serverWith(run: NewMcpServer["run"]): McpServer {
  const made = NewMcpServer.parse({ name: "files", node: "n1", run });
  return McpServer.parse({
    ...made,
    ...{ id: "s1", nodeName: "attic", state: "idle", reason: null, doing: null, sessions: 0, startedAt: null },
    ...{ tools: { approved: 0, new: 0, changed: 0, blocked: 0 }, url: "https://pool.example.com/mcp/files" },
    ...{ createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-01-01T00:00:00Z" },
  });
}

describe("a server in words", () => {
  it("is its command, its image or its port in one line", () => {
    expect(runInShort(COMMAND)).toBe("npx -y 'a server' {workspace}");
    expect(runInShort(CONTAINER)).toBe("mcp/filesystem:1 /data");
    expect(runInShort(HTTP)).toBe("port 8000/mcp");
  });

  it("says all that a container is given, and what not", () => {
    const env = [
      { name: "MODE", value: "x" },
      { name: "KEY", secret: "api_key" },
    ];
    const rows = new Map(serverInWords({ name: "files", run: CONTAINER, env, idleMinutes: null }, "attic"));
    expect(Object.fromEntries(rows)).toMatchObject({
      Node: "attic",
      Image: "mcp/filesystem:1",
      Mounts: "workspace as /data (read-only)",
      Network: "no: it reaches no other machine",
      Memory: "at most 1GiB",
      Variables: "MODE=x\nKEY: the secret api_key",
      Ends: "never by itself",
    });
  });

  it("says that a command has no wall, and where a port's headers come from", () => {
    expect(new Map(serverInWords({ name: "a", run: COMMAND }, "n")).get("Runs")).toContain("apps' user");
    const rows = new Map(serverInWords({ name: "a", run: HTTP }, "n"));
    expect(rows.get("Headers")).toBe("Authorization: what the variable API_TOKEN holds");
    expect(rows.has("Ends")).toBe(false);
  });

  it("counts who uses it", () => {
    expect(sessionWords({ ...serverWith(COMMAND), sessions: 0 })).toBe("nobody uses it now");
    expect(sessionWords({ ...serverWith(COMMAND), sessions: 2 })).toBe("2 sessions");
    expect(sessionWords({ ...serverWith(HTTP), sessions: 1 })).toBe("1 request under way");
  });

  it("is told to clients as docs/mcp.md says", () => {
    const server = { name: "files", url: "https://pool.example.com/mcp/files" };
    expect(commandFor(server)).toBe(
      'claude mcp add --transport http files https://pool.example.com/mcp/files --header "Authorization: Bearer rhk_…"',
    );
    expect(JSON.parse(jsonFor(server))).toEqual({
      mcpServers: { files: { type: "http", url: server.url, headers: { Authorization: "Bearer rhk_…" } } },
    });
  });
});

describe("the form of a server", () => {
  it.each([COMMAND, CONTAINER, HTTP])("sends what it was opened with: $kind", (run) => {
    const server = serverWith(run);
    const { name, run: kept, env, idleMinutes, preset } = server;
    const sent = NewMcpServer.parse(serverBody(draftOfServer(server)));
    expect(sent).toEqual({ name, node: "n1", run: kept, env, idleMinutes, preset });
  });

  it("keeps what it does not show of a container", () => {
    const server = serverWith({
      ...CONTAINER,
      cpus: 2,
      user: "1000",
      pids: 64,
      pull: "always",
      entrypoint: ["/bin/x"],
    });
    const body = serverBody({ ...draftOfServer(server), memory: "" });
    expect(body.run).toMatchObject({ cpus: 2, user: "1000", pids: 64, pull: "always", entrypoint: ["/bin/x"] });
    expect(body.run).not.toHaveProperty("memory");
  });

  it("keeps each argument on its line as it is, and sends a number that is none as it was typed", () => {
    const draft = { ...emptyServer("n"), name: " files ", command: "x", args: " a \n\nb c", idleMinutes: "soon" };
    expect(serverBody(draft)).toMatchObject({ name: "files", run: { args: [" a ", "b c"] }, idleMinutes: "soon" });
    expect(serverBody({ ...draft, kind: "http", port: "80x", headers: "A: B\nodd" }).run).toMatchObject({
      port: "80x",
      headers: { A: "B", odd: "" },
    });
    expect(serverBody({ ...draft, idleMinutes: " " }).idleMinutes).toBeNull();
  });

  it("shows errors at the fields that it has, and all others above", () => {
    const refused = (path: (string | number)[]) =>
      new ApiError(400, "invalid_input", "Not valid.", undefined, [{ path, message: "wrong" }]);
    expect(serverErrors(refused(["run", "mounts", 0, "from"]))["run.mounts.0.from"]).toBe("wrong");
    expect(serverFormError(refused(["run", "mounts", 0, "from"]), "container")).toBeUndefined();
    expect(serverFormError(refused(["run", "mounts", 0, "from"]), "command")).toBeDefined();
    expect(serverFormError(refused(["run"]), "command")).toBeDefined();
    expect(serverFormError(refused(["node"]), "command")).toBeDefined();
    expect(serverFormError(refused(["node"]), "command", ["node"])).toBeUndefined();
    expect(serverFormError(new ApiError(409, "name_taken", "Taken."), "http")).toBeUndefined();
    expect(serverErrors(new ApiError(409, "name_taken", "Taken."))["name"]).toBe("Taken.");
    expect(serverFormError(undefined, "http")).toBeUndefined();
  });
});

describe("a preset", () => {
  it("begins with its own values, a free name and a node that is there", () => {
    const nodes = [nodeWith(false, "offline"), nodeWith(true)];
    expect(beginPreset(PRESET, nodes, ["git"])).toEqual({
      ...{ name: "git-2", node: "n-true", way: null },
      values: { folder: "workspace", mode: "r", key: "" },
    });
  });

  it("runs in a container where it can, and says why where it cannot", () => {
    const draft = beginPreset(PRESET, [nodeWith(true)], []);
    expect(takenWay(draft, PRESET, nodeWith(true))).toBe("container");
    expect(takenWay({ ...draft, way: "command" }, PRESET, nodeWith(true))).toBe("command");
    expect(takenWay({ ...draft, way: "container" }, PRESET, nodeWith(false))).toBe("command");
    expect(takenWay(draft, { ...PRESET, ways: ["container"] }, nodeWith(false))).toBeUndefined();
    expect(whyNotSo("container", PRESET, nodeWith(false))).toBe("attic has no Docker: no socket");
    expect(whyNotSo("command", { ...PRESET, ways: ["container"] }, nodeWith(true))).toBe("It comes as an image only.");
  });

  it("sends what was given, and leaves the rest to the preset", () => {
    const draft = { name: " ", node: "n", way: null, values: { folder: "/srv", key: " " } };
    expect(fillBody(draft, "command")).toEqual({ node: "n", way: "command", values: { folder: "/srv" } });
    expect(fillBody({ ...draft, name: "mine" }, "container")).toMatchObject({ name: "mine", way: "container" });
  });
});

it("the containers of the pool are its container instances and container servers, by node", () => {
  const instance = (name: string, rest: object) =>
    ({
      id: name,
      name,
      node: "n1",
      blueprint: "grafana",
      kind: "container",
      desired: "running",
      status: "started",
      ...rest,
    }) as Instance;
  const rows = containerRows(
    [instance("web", {}), instance("old", { desired: "deleted" }), instance("script", { kind: "bash" })],
    [serverWith(CONTAINER), { ...serverWith(COMMAND), id: "s2" }],
    [{ ...nodeWith(true), id: "n1", name: "attic" }],
    new Map([["grafana", "grafana/grafana:11"]]),
  );
  expect(rows.map(({ kind, name, nodeName, image }) => [kind, name, nodeName, image])).toEqual([
    ["server", "files", "attic", "mcp/filesystem:1"],
    ["instance", "web", "attic", "grafana/grafana:11"],
  ]);
});
