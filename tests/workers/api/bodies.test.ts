import { beforeAll, describe, expect, it } from "vitest";
import { type Harness, makeHarness, PRESET_KEY } from "./harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await makeHarness();
});

const as = PRESET_KEY;
const JSON_TYPE = { "content-type": "application/json" };
const post = (raw: BodyInit, headers: Record<string, string> = JSON_TYPE) =>
  h.send("POST", "/api/join-tokens", { as, raw, headers });

describe("a body", () => {
  it("that is not JSON is refused with the place", async () => {
    const cases: [string, number][] = [
      ['{"uses": 1,}', 11],
      ["{uses: 1}", 1],
      ['{"uses": 1', 10],
    ];
    for (const [text, position] of cases) {
      const { status, body } = await post(text);
      expect([status, body.error.code, body.error.details]).toEqual([400, "bad_json", { position }]);
      expect(body.error.message).toContain(`character ${position}`);
      expect(body.error.hint).toBeTruthy();
    }
  });

  it("that is short nonsense is refused with a quote of it", async () => {
    for (const text of ["nonsense", "\u0000"]) {
      const { status, body } = await post(text);
      expect([status, body.error.code]).toEqual([400, "bad_json"]);
      expect(body.error.message).toContain("is not valid JSON");
    }
  });

  it("of another type or encoding is refused", async () => {
    const text = await post("uses=1", { "content-type": "application/x-www-form-urlencoded" });
    expect(text.body.error).toMatchObject({
      code: "bad_json",
      message: expect.stringContaining("x-www-form-urlencoded"),
    });
    const latin = await post(new Uint8Array([0x7b, 0x22, 0xe4, 0x22, 0x7d]));
    expect(latin.body.error.code).toBe("bad_json");
  });

  it("that announces 20 MB is refused without being read", async () => {
    let pulled = 0;
    const raw = new ReadableStream({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
    const { status, body } = await post(raw, { ...JSON_TYPE, "content-length": `${20 * 1024 * 1024}` });
    expect([status, body.error.code, pulled]).toEqual([413, "body_too_large", 0]);
  });

  it("that grows beyond the cap is refused while it is read", async () => {
    const chunk = new TextEncoder().encode(" ".repeat(64 * 1024));
    let pulled = 0;
    const raw = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(chunk);
        if (pulled === 320) controller.close();
      },
    });
    const { status, body } = await post(raw);
    expect([status, body.error.code]).toEqual([413, "body_too_large"]);
    expect(pulled).toBeLessThan(32);
  });

  it("that is absent counts as an empty object", async () => {
    expect((await h.send("POST", "/api/join-tokens", { as })).status).toBe(201);
    const missing = await h.send("POST", "/api/blueprints", { as });
    expect(missing.body.error).toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("name: missing"),
    });
  });

  it("of the wrong shape is refused by field, value and remedy, with every problem in the details", async () => {
    const { body } = await post(JSON.stringify({ uses: 0, expiresInSeconds: 5 }));
    expect(body.error.message).toMatch(/^uses: 0 is not valid\. .+ \(and 1 more\)$/);
    expect(body.error.details).toEqual([
      { path: ["uses"], message: expect.any(String) },
      { path: ["expiresInSeconds"], message: expect.any(String) },
    ]);
    for (const raw of ["[]", "null", '"text"', "7"]) expect((await post(raw)).body.error.code).toBe("invalid_input");
  });

  it("is refused in words of the API, whatever its schema has to say", async () => {
    const trigger = { kind: "webhook", name: "deploy", secrets: [] };
    const cases: [path: string, body: object, field: string, message: string][] = [
      ["/api/jobs", { model: "" }, "model", "Must not be empty"],
      ["/api/jobs", { provider: 7 }, "provider", "Must be a text"],
      ["/api/jobs", {}, "name", "Must be a text"],
      ["/api/jobs", { name: "n".repeat(61) }, "name", "Must have at most 60 characters"],
      ["/api/jobs", { nodes: [] }, "nodes", "Choose at least one node"],
      ["/api/jobs", { limits: { turns: 1.5 } }, "limits.turns", "Must be a whole number"],
      ["/api/jobs", { limits: { minutes: 0 } }, "limits.minutes", "Must be at least 0.1"],
      ["/api/jobs", { limits: { tokens: 1e9 } }, "limits.tokens", "Must be at most 100000000"],
      ["/api/jobs", { enabled: "yes" }, "enabled", "Must be true or false"],
      ["/api/jobs", { tools: "all" }, "tools", "Must be a list"],
      ["/api/jobs", { onUnknown: "go" }, "onUnknown", 'Must be "ask", "fail" or "continue"'],
      ["/api/jobs", { triggers: [{ kind: "x" }] }, "triggers.0.kind", 'Must be "cron" or "webhook"'],
      ["/api/jobs", { triggers: [trigger] }, "triggers.0.secrets", "Choose the secret that signs it"],
      ["/api/jobs", { notify: { url: "me" } }, "notify.url", "An http:// or https:// URL, such as"],
      ["/api/providers", { prices: { "*": { input: -1 } } }, "prices.*.input", "Must be at least 0"],
      ["/api/providers", { prices: { ["m".repeat(201)]: {} } }, `prices.${"m".repeat(201)}`, "at most 200 characters"],
      ["/api/secrets", { value: "short" }, "value", "At least 8 characters"],
    ];
    for (const [path, given, field, message] of cases) {
      const { error } = (await h.send("POST", path, { as, body: given })).body;
      const details = error.details as { path: string[]; message: string }[];
      const found = details.find((one) => one.path.join(".") === field);
      expect([field, found?.message]).toEqual([field, expect.stringContaining(message)]);
      expect(JSON.stringify(error)).not.toMatch(/Invalid (input|option)|expected|Too (small|big)/);
    }
    const { error } = (await h.send("POST", "/api/providers", { as, body: { name: "", baseUrl: "http://x/v1" } })).body;
    expect(error.message).toBe('name: "" is not valid. Must not be empty.');
  });

  it("cannot reach into prototypes", async () => {
    const { status } = await post('{"__proto__": {"uses": 5}, "constructor": {"prototype": {"x": 1}}}');
    expect(status).toBe(201);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});

describe("a query", () => {
  it("with a limit out of range is refused", async () => {
    for (const limit of ["0", "501", "x", "1.5"]) {
      const { status, body } = await h.send("GET", `/api/nodes?limit=${limit}`, { as });
      expect([status, body.error.code]).toEqual([400, "invalid_input"]);
      expect(body.error.message).toMatch(/^limit/);
    }
  });
});

it("the document is OpenAPI 3.1 with a shape for every error", async () => {
  const { body } = await h.send("GET", "/api/openapi.json");
  const document = body as unknown as { openapi: string; paths: Record<string, Record<string, { responses: object }>> };
  expect(document.openapi).toBe("3.1.0");
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations)) {
      expect(operation).not.toHaveProperty("access");
      expect(operation.responses).toHaveProperty("default");
    }
  }
});

it("health needs nobody, and answers are neither cached nor guessed", async () => {
  const { status, body, headers } = await h.send("GET", "/health");
  expect([status, body["status"]]).toEqual([200, "ok"]);
  expect([headers.get("cache-control"), headers.get("x-content-type-options")]).toEqual(["no-store", "nosniff"]);
});
