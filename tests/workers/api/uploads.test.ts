import { beforeAll, describe, expect, it } from "vitest";
import { type Harness, joinNode, makeHarness, makeInstance, makeKey, PRESET_KEY, signInOwner } from "./harness.ts";

let h: Harness;
let uploads: string;
let id: string;
beforeAll(async () => {
  h = await makeHarness();
  id = await makeInstance(h, (await joinNode(h)).id);
  uploads = `/api/instances/${id}/uploads`;
});

const TUS = { "tus-resumable": "1.0.0" };
const PATCH = { ...TUS, "content-type": "application/offset+octet-stream", "upload-offset": "0" };
const as = PRESET_KEY;

describe("an upload's request", () => {
  it("[UP2] reaches the node with the headers of tus, and with who asks, and with nothing else", async () => {
    const seen: Request[] = [];
    h.agent.answer = (_url, request) => {
      seen.push(request);
      return new Response(null, { status: 201, headers: { ...TUS, location: `/instances/${id}/uploads/up_1` } });
    };
    const owner = await signInOwner(h);
    const headers = {
      ...owner.headers,
      ...TUS,
      "upload-length": "5",
      "upload-metadata": "filename YQ==",
      "x-mine": "1",
    };
    const answer = await h.send("POST", uploads, { headers, raw: "" });
    expect([answer.status, answer.headers.get("location")]).toEqual([201, `${uploads}/up_1`]);
    const [request] = seen;
    expect(new URL(request!.url).pathname).toBe(`/agent/instances/${id}/uploads`);
    const { "x-roundhouse-holder": holder, ...passed } = Object.fromEntries(request!.headers);
    expect(JSON.parse(holder!)).toMatchObject({ userId: owner.userId });
    const allowed = ["content-type", "tus-resumable", "upload-length", "upload-metadata"];
    expect(Object.keys(passed).filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it("[UP2] streams: the node has the first bytes before the last were sent", async () => {
    const pieces: string[] = [];
    let sendLast: () => void = () => undefined;
    h.agent.answer = async (_url, request) => {
      const reader = request.body!.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        pieces.push(piece.value);
        sendLast();
      }
      return new Response(null, { status: 204, headers: { ...TUS, "upload-offset": "10" } });
    };
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    void writer.write(new TextEncoder().encode("first"));
    sendLast = () => {
      sendLast = () => undefined;
      void writer.write(new TextEncoder().encode("last!")).then(() => writer.close());
    };
    const answer = await h.send("PATCH", `${uploads}/up_1`, { as, headers: PATCH, raw: readable });
    expect([answer.status, answer.headers.get("upload-offset"), pieces]).toEqual([204, "10", ["first", "last!"]]);
  });

  it("[UP2] of any method of tus is carried, HEAD and GET alike", async () => {
    const methods: string[] = [];
    h.agent.answer = (url, { method }) => {
      methods.push(`${method} ${url.pathname.replace(id, "id")}`);
      return new Response(null, { status: 200, headers: { ...TUS, "upload-offset": "7" } });
    };
    for (const method of ["HEAD", "GET", "DELETE"]) {
      const answer = await h.send(method, `${uploads}/up_1`, { as, headers: TUS });
      expect([method, answer.status, answer.headers.get("upload-offset")]).toEqual([method, 200, "7"]);
    }
    await h.send("OPTIONS", uploads, { as });
    const one = "/agent/instances/id/uploads/up_1";
    expect(methods).toEqual([`HEAD ${one}`, `GET ${one}`, `DELETE ${one}`, "OPTIONS /agent/instances/id/uploads"]);
  });

  it("[UP2] gets the node's refusal in the node's words", async () => {
    const error = { code: "file_exists", message: "There is one.", hint: "Choose another name." };
    h.agent.answer = () => Response.json({ error }, { status: 409, headers: TUS });
    const answer = await h.send("POST", uploads, { as, headers: TUS });
    expect([answer.status, answer.body.error]).toEqual([409, error]);
  });

  it("[UP2] is answered here when its node, or the node's agent, cannot", async () => {
    h.agent.answer = () => undefined;
    expect((await h.send("POST", uploads, { as, headers: TUS })).body.error.code).toBe("node_offline");
    h.agent.answer = () => new Response(null, { status: 405 });
    const old = await h.send("POST", uploads, { as, headers: TUS });
    expect([old.status, old.body.error.message]).toEqual([409, expect.stringContaining("does not know uploads")]);
    h.agent.answer = () => Promise.reject(new Error("the object is restarting"));
    expect((await h.send("POST", uploads, { as, headers: TUS })).body.error.code).toBe("node_offline");
    expect((await h.send("POST", "/api/instances/in_0/uploads", { as, headers: TUS })).status).toBe(404);
  });

  it("[UP2] is for operators, and of a session only from the dashboard's own pages", async () => {
    h.agent.answer = () => new Response(null, { status: 204, headers: TUS });
    const viewer = (await makeKey(h, "viewer")).key;
    const owner = await signInOwner(h);
    for (const [method, path] of [
      ["POST", uploads],
      ["PATCH", `${uploads}/up_1`],
      ["DELETE", `${uploads}/up_1`],
    ] as const) {
      expect((await h.send(method, path, { as: viewer, headers: PATCH })).status).toBe(403);
      expect((await h.send(method, path, { headers: PATCH })).status).toBe(401);
      const foreign = { ...owner.headers, ...PATCH, origin: "http://app.apps.localhost:8787" };
      expect((await h.send(method, path, { headers: foreign })).body.error.code).toBe("bad_origin");
      expect((await h.send(method, path, { headers: { ...owner.headers, ...PATCH } })).status).toBe(204);
    }
  });
});
