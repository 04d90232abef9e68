import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOfCall } from "@roundhouse/protocol/tool-call";
import { swapping, swappingFile } from "../files/harness.ts";
import { portOf } from "../link/gateway.ts";
import { doneOf, type House, makeHouse, OPEN } from "./house.ts";

let house: House;
let secret: string;
beforeEach(async () => {
  house = await makeHouse();
  secret = join(house.root.path, "secret");
  await mkdir(secret);
  await writeFile(join(secret, "own.txt"), "SECRET");
});
afterEach(() => house.close());

describe("files of the node", () => {
  it("[TC11] are read, listed and searched below the roots, by an instance's name or id", async () => {
    await writeFile(join(house.own, "notes.txt"), "one\ntwo words\nthree");
    for (const ref of ["app", "in_app"]) {
      expect((await house.done("read_file", { path: `instances/${ref}/notes.txt` })).content).toBe(
        "one\ntwo words\nthree",
      );
    }
    expect((await house.done("list_files", {})).content).toBe("instances/\noutputs/\nmodels/\ndatasets/\nworkspace/");
    expect((await house.done("list_files", { path: "instances" })).content).toBe("app/");
    expect((await house.done("list_files", { path: "instances/app/" })).content).toMatch(/^notes\.txt {2}19 bytes/);
    const found = await house.done("search_files", { path: "instances/app", name: "*.txt", text: "two" });
    expect(found.content).toBe("notes.txt:2: two words");
  });

  it("[TC10] come in parts, whole characters each, and what is no text is said to be none", async () => {
    const text = "é".repeat(20_000);
    await writeFile(join(house.own, "long.txt"), text);
    let seen = "";
    for (let offset: number | undefined = 0; offset !== undefined;) {
      const part = await house.done("read_file", { path: "instances/app/long.txt", offset, limit: 15_001 });
      seen += part.content.replace(/\n\(Go on .*\)$/, "");
      offset = part.more?.next;
    }
    expect(seen).toBe(text);
    await writeFile(join(house.own, "image"), Buffer.from([1, 0, 2]));
    expect((await house.done("read_file", { path: "instances/app/image" })).content).toContain("no text: 3 bytes");
  });

  it("[TC11] no path leads outside, however it is written", async () => {
    await symlink(secret, join(house.own, "link"));
    await symlink(join(secret, "own.txt"), join(house.own, "file-link"));
    const part = fc.constantFrom("..", ".", "", "%2e%2e", "..%2f", "link", "file-link", "secret", "own.txt", "\0", "a");
    const root = fc.constantFrom("instances/app", "outputs/app", "workspace", "models", "", "/", "..", house.root.path);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(root, fc.array(part, { maxLength: 5 }), async (start, parts) => {
        const path = [start, ...parts].join("/");
        const read = await house.done("read_file", { path: path || "x" });
        expect(read.content).not.toContain("SECRET");
        const search = await house.done("search_files", { path: path || "x", text: "SECRET" });
        expect(search.content).not.toMatch(/own\.txt:1/);
        const list = await house.done("list_files", { path });
        expect(list.content).not.toMatch(/^own\.txt {2}6 bytes/m);
        const written = await house.put(
          `w-${(count += 1)}`,
          "write_file",
          { path: `${path}/own.txt`, content: "x", mode: "create" },
          { waitMs: 0 },
        );
        expect(["done", "running", "refused"]).toContain(written.state);
      }),
      { numRuns: 40 },
    );
    expect(await readFile(join(secret, "own.txt"), "utf8")).toBe("SECRET");
  }, 120_000);

  it("[TC11] links that come and go at the very moment lead nowhere", async () => {
    const workers = [
      swapping(join(house.own, "swapped"), secret, "own.txt"),
      swappingFile(join(house.own, "file.txt"), join(secret, "own.txt")),
    ];
    try {
      for (let n = 0; n < 200; n += 1) {
        expect((await house.done("read_file", { path: "instances/app/swapped/own.txt" })).content).not.toContain(
          "SECRET",
        );
        expect((await house.done("read_file", { path: "instances/app/file.txt" })).content).not.toContain("SECRET");
        const search = await house.done("search_files", { path: "instances/app", text: "SECRET" });
        expect(search.content).not.toContain(":1:");
      }
      for (const mode of ["append", "replace", "append", "create", "append", "replace"]) {
        for (const path of ["swapped/own.txt", "file.txt"]) {
          await house.done("write_file", { path: `instances/app/${path}`, content: "mine", mode });
        }
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    expect(await readFile(join(secret, "own.txt"), "utf8")).toBe("SECRET");
  }, 120_000);

  it("[TC11] are written whole, added to, or made, and the folders on the way with them", async () => {
    const path = "workspace/a/b.txt";
    const at = join(house.root.workspaceDir, "a/b.txt");
    expect(await house.done("write_file", { path, content: "one\n" })).toMatchObject({ ok: true, exitCode: null });
    await house.done("write_file", { path, content: "two\n", mode: "append" });
    expect(await readFile(at, "utf8")).toBe("one\ntwo\n");
    const refused = await house.done("write_file", { path, content: "three", mode: "create" });
    expect(refused).toMatchObject({ ok: false, content: expect.stringContaining('something called "b.txt" already') });
    const big = "é\n".repeat(150_000);
    expect(await house.done("write_file", { path, content: big })).toMatchObject({ ok: true });
    expect(await readFile(at, "utf8")).toBe(big);
    await symlink(join(secret, "own.txt"), join(house.root.workspaceDir, "link"));
    const link = await house.done("write_file", { path: "workspace/link", content: "x", mode: "append" });
    expect(link).toMatchObject({ ok: false, content: expect.stringContaining("links are not followed") });
  });

  it.skipIf(process.getuid?.() !== 0)("[TC11] are written as the apps' user", async () => {
    const other = await makeHouse({ user: { uid: 65534, gid: 65534 } });
    try {
      await chmod(other.tempDir, 0o711);
      expect(await other.done("write_file", { path: "workspace/x", content: "x" })).toMatchObject({ ok: true });
      expect((await other.done("exec_command", { command: "stat", args: ["-c", "%u %g", "x"] })).content).toContain(
        "65534 65534",
      );
      const { content } = await other.done("exec_command", {
        command: "cat",
        args: [join(other.root.effectsDir, "x")],
      });
      expect(content).toContain("Permission denied");
    } finally {
      await other.close();
    }
  });
});

describe("the folder of a container", () => {
  it("[TC11] is read, and closed to the programs of calls, which run as the apps' user", async () => {
    const closed = await makeHouse({ user: { uid: 65534, gid: 65534 }, isClosed: true });
    try {
      await chmod(closed.tempDir, 0o711);
      await writeFile(join(closed.own, "x"), "from a container");
      expect((await closed.done("read_file", { path: "instances/app/x" })).content).toContain("from a container");
      const refusal = { ok: false, content: expect.stringContaining("folder of a container is closed") };
      expect(await closed.done("write_file", { path: "instances/app/x", content: "x" })).toMatchObject(refusal);
      expect(await closed.done("exec_command", { command: "ls", cwd: "instances/app" })).toMatchObject(refusal);
    } finally {
      await closed.close();
    }
  });
});

describe("what a node lets a call do", () => {
  it("[TC3] is what policy and ceiling say, and without a policy nothing", async () => {
    await writeFile(join(house.root.workspaceDir, "x"), "x");
    const read = (id: string, approval?: string) => house.put(id, "read_file", { path: "workspace/x" }, { approval });
    house.setPolicy(null);
    expect(await read("a")).toMatchObject({ state: "refused", code: "denied" });
    house.setPolicy({ ...OPEN, default: "ask" });
    expect(await read("b")).toMatchObject({ state: "refused", code: "needs_approval" });
    expect(await read("b", "another")).toMatchObject({
      code: "needs_approval",
      message: expect.stringContaining("another call"),
    });
    const digest = await digestOfCall({ tool: "read_file", arguments: { path: "workspace/x" } });
    expect(doneOf(await read("b", digest)).content).toBe("x");
    house.setPolicy({ ...OPEN, execCommand: false });
    expect(await house.put("c", "exec_command", { command: "true" })).toMatchObject({
      code: "denied",
      message: expect.stringContaining("exec_command switched off"),
    });
  });

  it("[TC3] sees an instance by its name, whichever way a path refers to it", async () => {
    await writeFile(join(house.own, "x"), "x");
    house.setPolicy({ ...OPEN, rules: [{ tool: "*", where: { path: "instances/app/*" }, decision: "deny" }] });
    for (const path of ["instances/app/x", "instances/in_app/x", "instances/in_app/x/"]) {
      expect(await house.put(`see-${path.length}`, "read_file", { path })).toMatchObject({ code: "denied" });
    }
  });

  it("[TC3] stays below the ceiling it was joined with, whatever the control plane says", async () => {
    const capped = await makeHouse({ ceiling: { default: "deny", execCommand: false, rules: [] } });
    try {
      expect(await capped.put("a", "list_files", {})).toMatchObject({
        code: "denied",
        message: expect.stringContaining("the ceiling that the node was joined with"),
      });
    } finally {
      await capped.close();
    }
  });

  it("[TC4] is told in words when the tool or its arguments are wrong", async () => {
    expect(await house.put("a", "read_fille", {})).toMatchObject({
      code: "unknown_tool",
      message: expect.stringContaining("read_file?"),
    });
    expect(await house.put("a", "list_instances", {})).toMatchObject({ code: "unknown_tool" });
    expect(await house.put("a", "read_file", {})).toMatchObject({
      code: "bad_arguments",
      message: expect.stringContaining("path is missing"),
    });
    expect((await house.send("PUT", "bad%20id")).status).toBe(400);
    const { content } = await house.done("read_file", { path: "instances/ap/x" });
    expect(content).toContain('Did you mean "app"?');
    expect((await house.done("read_file", { path: "/etc/passwd" })).content).toContain("empty part");
    expect((await house.done("system_stats", {})).content).toContain("processor: 7 %");
  });
});

describe("http_request", () => {
  let server: Server;
  const seen: string[] = [];
  beforeEach(async () => {
    seen.length = 0;
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.url === "/moved") return void response.writeHead(302, { location: "http://example.com/" }).end();
      if (request.url === "/long") return void response.end("x".repeat(50_000));
      if (request.url === "/bad") return void response.writeHead(500).end("broken");
      response.setHeader("content-type", "text/plain");
      request.pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    house.ports.push(portOf(server));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const ask = (args: object, id?: string) =>
    house.done("http_request", { instance: "app", port: portOf(server), path: "/", ...args }, id);

  it("[TC12] reaches the ports of the node's own instances, and no other", async () => {
    expect((await ask({ method: "POST", body: "hello" }, "post")).content).toBe(
      "HTTP 200 OK\ncontent-type: text/plain\n\nhello",
    );
    await house.done(
      "http_request",
      { instance: "app", port: portOf(server), path: "/", method: "POST", body: "hello" },
      "post",
    );
    expect(seen).toEqual(["POST /"]);
    expect(await ask({ port: 1 })).toMatchObject({ ok: false, content: expect.stringContaining("is no port of") });
    expect(await ask({ instance: "other" })).toMatchObject({
      ok: false,
      content: expect.stringContaining("no instance"),
    });
    expect(seen).toEqual(["POST /"]);
  });

  it("[TC12] follows no redirect, and tells a bad status as a failure", async () => {
    expect((await ask({ path: "/moved" })).content).toContain("HTTP 302 Found\nlocation: http://example.com/");
    expect(await ask({ path: "/bad" })).toMatchObject({ ok: false, content: expect.stringContaining("broken") });
    expect(await ask({ path: "/bad", method: "PUT" })).toMatchObject({
      ok: false,
      content: expect.stringContaining("HTTP 500"),
    });
    expect(seen).toEqual(["GET /moved", "GET /bad", "PUT /bad"]);
  });

  it("[TC10] of a long answer shows a part, and read_output the rest", async () => {
    const result = await ask({ path: "/long" }, "long");
    expect(result.more?.size).toBeGreaterThan(50_000);
    const page = await house.done("read_output", { call: "long", offset: result.more!.next });
    expect(page.content).toMatch(/^x{15000}\n/);
  });
});
