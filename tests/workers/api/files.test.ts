import { beforeAll, describe, expect, it } from "vitest";
import { type Harness, joinNode, makeHarness, makeInstance, makeKey, PRESET_KEY, signInOwner } from "./harness.ts";

let h: Harness;
let files: string;
let id: string;
beforeAll(async () => {
  h = await makeHarness();
  id = await makeInstance(h, (await joinNode(h)).id);
  files = `/api/instances/${id}/files`;
});

const as = PRESET_KEY;
const MARK = { "roundhouse-files": "1" };
const ENTRY = {
  name: "a.txt",
  kind: "file",
  size: 3,
  modifiedAt: "2026-01-01T00:00:00.000Z",
  target: null,
  leadsTo: null,
  etag: '"1-2-3"',
};

/** A node that answers every request with the same, and remembers what it was asked. */
function node(answer: () => Response): { seen: Request[]; bodies: string[] } {
  const asked: { seen: Request[]; bodies: string[] } = { seen: [], bodies: [] };
  h.agent.answer = async (_url, request) => {
    asked.seen.push(request);
    asked.bodies.push(await request.text());
    return answer();
  };
  return asked;
}

describe("the files of an instance", () => {
  it("[FS1] are listed for viewers, and told in the API's own shape only", async () => {
    const extra = { ...ENTRY, secret: "not in the schema" };
    const asked = node(() => Response.json({ items: [extra], cursor: null }, { headers: MARK }));
    const viewer = (await makeKey(h, "viewer")).key;
    const answer = await h.send("GET", `${files}?path=a%2Fb&limit=7&root=outputs`, { as: viewer });
    expect([answer.status, answer.body]).toEqual([200, { items: [ENTRY], cursor: null }]);
    const url = new URL(asked.seen[0]!.url);
    expect([url.pathname, Object.fromEntries(url.searchParams)]).toEqual([
      `/agent/instances/${id}/files`,
      { root: "outputs", path: "a/b", limit: "7" },
    ]);
    expect((await h.send("GET", `${files}?root=attic`, { as })).body.error.message).toContain("attic");
  });

  it("[FS4] are read and changed by operators only, and by a session only from the dashboard's own pages", async () => {
    node(() => Response.json(ENTRY, { headers: MARK }));
    const viewer = (await makeKey(h, "viewer")).key;
    const operator = (await makeKey(h, "operator")).key;
    const owner = await signInOwner(h);
    for (const method of ["GET", "PUT", "POST", "PATCH", "DELETE"]) {
      const body = method === "PATCH" ? { body: { to: "b.txt" } } : method === "PUT" ? { raw: "abc" } : {};
      const send = async (options: object) => {
        return (await h.send(method, `${files}/deep/a.txt`, { ...body, ...options })).status;
      };
      expect([method, await send({ as: viewer })]).toEqual([method, 403]);
      expect([method, await send({})]).toEqual([method, 401]);
      expect([method, (await send({ as: operator })) < 300]).toEqual([method, true]);
      const unproven = { headers: { cookie: owner.cookie, origin: owner.headers["origin"]! } };
      expect([method, await send(unproven)]).toEqual([method, 401]);
      if (method === "GET") continue;
      const foreign = { headers: { ...owner.headers, origin: "http://app.apps.localhost:8787" } };
      expect([method, await send(foreign)]).toEqual([method, 403]);
    }
  });

  it("[FS2] are asked of the node under the path as it was written, with the headers that matter and no others", async () => {
    const asked = node(
      () => new Response("abc", { headers: { ...MARK, "content-type": "text/plain; charset=utf-8" } }),
    );
    const owner = await signInOwner(h);
    const headers = { ...owner.headers, range: "bytes=0-1", "if-range": '"x"', "x-mine": "1" };
    await h.send("GET", `${files}/a%2Fb/%252e%252e/gr%C3%B6%C3%9Fe.txt?download=1`, { headers });
    const [request] = asked.seen;
    expect(request!.url).toContain(`/agent/instances/${id}/files/a%2Fb/%252e%252e/gr%C3%B6%C3%9Fe.txt?root=instance`);
    const { "x-roundhouse-holder": holder, ...passed } = Object.fromEntries(request!.headers);
    expect(JSON.parse(holder!)).toMatchObject({ userId: owner.userId });
    expect(passed).toEqual({ range: "bytes=0-1", "if-range": '"x"' });
  });

  it("[FS4] never run in the dashboard's origin, whatever a node says they are", async () => {
    const evil = {
      ...MARK,
      "content-type": "text/html",
      "content-disposition": "inline",
      "content-security-policy": "script-src *",
      "set-cookie": "session=stolen",
      "clear-site-data": '"*"',
      "service-worker-allowed": "/",
      "content-encoding": "gzip",
      location: "http://evil.example",
      etag: '"v"',
    };
    for (const type of [
      "text/html",
      "image/svg+xml",
      "application/javascript",
      "text/plain",
      "image/png; x=1",
      "text/css",
    ]) {
      node(() => new Response("<script>alert(1)</script>", { headers: { ...evil, "content-type": type } }));
      const answer = await h.send("GET", `${files}/a%22%0Ab.html`, { as });
      expect(Object.fromEntries(answer.headers)).toEqual({
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="a__b.html"; filename*=UTF-8''a%22%0Ab.html`,
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
        etag: '"v"',
      });
    }
  });

  it("[FS4] [FS5] that may be shown come with their type, in ranges, and as attachments when asked", async () => {
    const headers = { ...MARK, "content-type": "image/png", "content-range": "bytes 0-2/9", "accept-ranges": "bytes" };
    node(() => new Response("abc", { status: 206, headers }));
    const shown = await h.send("GET", `${files}/a.png`, { as, headers: { range: "bytes=0-2" } });
    expect([shown.status, shown.text, shown.headers.get("content-range")]).toEqual([206, "abc", "bytes 0-2/9"]);
    expect([shown.headers.get("content-type"), shown.headers.get("content-disposition")]).toEqual([
      "image/png",
      `inline; filename="a.png"; filename*=UTF-8''a.png`,
    ]);
    const saved = await h.send("GET", `${files}/a.png?download=1`, { as });
    expect(saved.headers.get("content-disposition")).toMatch(/^attachment/);
    node(() => new Response(null, { status: 304, headers: MARK }));
    expect((await h.send("GET", `${files}/a.png`, { as, headers: { "if-none-match": '"v"' } })).status).toBe(304);
  });

  it("[FS6] [FS8] are written with the body as it comes, and moved with a checked one", async () => {
    const asked = node(() => Response.json(ENTRY, { status: 201, headers: MARK }));
    const made = await h.send("PUT", `${files}/a.txt`, { as, raw: "not json {", headers: { "if-none-match": "*" } });
    expect([made.status, made.body, made.headers.get("etag")]).toEqual([201, ENTRY, '"1-2-3"']);
    expect([asked.bodies[0], asked.seen[0]!.headers.get("if-none-match")]).toEqual(["not json {", "*"]);
    await h.send("PATCH", `${files}/a.txt`, { as, body: { to: "b/c.txt", toRoot: "models", more: 1 } });
    expect(JSON.parse(asked.bodies[1]!)).toEqual({ to: "b/c.txt", toRoot: "models" });
    const bad = await h.send("PATCH", `${files}/a.txt`, { as, body: { to: "" } });
    expect([bad.status, bad.body.error.message]).toEqual([400, expect.stringMatching(/^to: "" is not valid/)]);
    await h.send("DELETE", `${files}/folder?recursive=1`, { as });
    expect(new URL(asked.seen[2]!.url).searchParams.get("recursive")).toBe("1");
  });

  it("[FS6] of a satellite do not include a launch script: whose it is, is told; any other file is written", async () => {
    const asked = node(() => Response.json(ENTRY, { status: 201, headers: MARK }));
    const moon = (await h.send("POST", `/api/instances/${id}/satellite`, { as, body: { name: "Moon" } })).body.id;
    const put = (path: string, query = "") =>
      h.send("PUT", `/api/instances/${moon}/files/${path}${query}`, { as, raw: "echo hi" });
    for (const path of ["launch.sh", "launch%2Esh"]) {
      const refused = await put(path);
      expect([refused.status, refused.body.error.code]).toEqual([409, "is_satellite"]);
      expect(refused.body.error.details).toEqual({ parent: id });
    }
    expect(asked.seen).toEqual([]);
    for (const [path, query] of [["notes/launch.sh"], ["launch.sh", "?root=outputs"]] as const) {
      expect((await put(path, query)).status).toBe(201);
    }
    expect((await h.send("PUT", `${files}/launch.sh`, { as, raw: "echo hi" })).status).toBe(201);
  });

  it("[FS1] get the node's refusal in the node's words, and nothing that is no refusal", async () => {
    const error = {
      code: "file_changed",
      message: '"a" was changed.',
      hint: "Read it again.",
      details: { etag: '"n"' },
    };
    node(() => Response.json({ error }, { status: 412, headers: MARK }));
    const refused = await h.send("PUT", `${files}/a.txt`, { as, raw: "x" });
    expect([refused.status, refused.body.error]).toEqual([412, error]);
    const range = { code: "bad_range", message: "Behind.", details: { size: 9 } };
    node(() => Response.json({ error: range }, { status: 416, headers: MARK }));
    const behind = await h.send("GET", `${files}/a.txt`, { as, headers: { range: "bytes=10-" } });
    expect([behind.status, behind.headers.get("content-range")]).toEqual([416, "bytes */9"]);
    node(() => new Response("<h1>oops</h1>", { status: 500, headers: MARK }));
    const odd = await h.send("GET", `${files}/a.txt`, { as });
    expect([odd.status, odd.body.error.code, odd.text.includes("oops")]).toEqual([500, "internal", false]);
  });

  it("[FS1] are answered here when the node, or its agent, cannot", async () => {
    h.agent.answer = () => undefined;
    expect((await h.send("GET", files, { as })).body.error.code).toBe("node_offline");
    node(() => new Response(null, { status: 404 }));
    expect((await h.send("GET", files, { as })).body.error.message).toContain("does not know files");
    expect((await h.send("GET", "/api/instances/in_0/files", { as })).status).toBe(404);
    expect((await h.send("GET", `${files}/`, { as })).status).toBe(404);
    const { paths } = (await h.send("GET", "/api/openapi.json")).body as unknown as { paths: Record<string, object> };
    expect(Object.keys(paths["/api/instances/{id}/files/{path}"]!)).toEqual(["get", "put", "post", "patch", "delete"]);
    expect((await h.send("GET", `${files}/../../../nodes`, { as })).body.items).toBeDefined();
  });
});
