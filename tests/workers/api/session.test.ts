import { beforeAll, describe, expect, it } from "vitest";
import { localKey } from "../../../workers/people/derived-keys.ts";
import {
  type Harness,
  makeHarness,
  ORIGIN,
  PRESET_KEY,
  type Session,
  signInOwner,
  signInWith,
  tokenOf,
} from "./harness.ts";

let h: Harness;
let owner: Session;
const ACCOUNT = { name: "Ada", email: "Ada@example.com", password: "correct horse battery" };

beforeAll(async () => {
  h = await makeHarness();
});

describe("the first start", () => {
  it("makes the owner an admin and gives a link that works once", async () => {
    const as = await localKey(h.env);
    const link = await h.send("POST", "/api/local/sign-in-link", { as });
    expect(link.status).toBe(201);
    expect(link.body.url).toMatch(/^http:\/\/localhost:8787\/sign-in#token=\w{32,}$/);
    owner = await signInWith(h, { token: tokenOf(link.body.url) });
    const again = await h.send("POST", "/api/session", { body: { token: tokenOf(link.body.url) } });
    expect(again.status).toBe(401);
    expect(again.body.error).toMatchObject({
      code: "sign_in_link_invalid",
      hint: expect.stringContaining("npm start"),
    });
  });

  it("sets a cookie that scripts and other hosts do not get", async () => {
    const link = await h.send("POST", "/api/local/sign-in-link", { as: await localKey(h.env) });
    const answer = await h.send("POST", "/api/session", { body: { token: tokenOf(link.body.url) } });
    const cookie = answer.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^__Host-roundhouse_session=/);
    for (const attribute of ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"]) expect(cookie).toContain(attribute);
    expect(cookie).not.toContain("Domain");
  });

  it("lets the owner set a name, an e-mail and a password, and sign in with them", async () => {
    const before = await h.send("GET", "/api/session", { headers: owner.headers });
    expect(before.body).toMatchObject({ role: "admin", via: "session", user: { name: "Owner", hasPassword: false } });
    const set = await h.send("PUT", "/api/account", { headers: owner.headers, body: ACCOUNT });
    expect(set.status).toBe(200);
    expect(set.body).toMatchObject({ name: "Ada", email: "ada@example.com", hasPassword: true });
    const session = await signInWith(h, { email: "ada@example.com", password: ACCOUNT.password });
    expect(session.userId).toBe(owner.userId);
  });

  it("keeps giving links for the first admin, after the e-mail changed too", async () => {
    expect((await signInOwner(h)).userId).toBe(owner.userId);
  });

  it("refuses the local key's routes to everybody else", async () => {
    expect((await h.send("POST", "/api/local/sign-in-link", { as: PRESET_KEY })).status).toBe(403);
    expect((await h.send("POST", "/api/local/sign-in-link", { as: "x".repeat(43) })).status).toBe(401);
  });
});

describe("a session", () => {
  it("is nobody without its proof, with a wrong proof, or with another session's proof", async () => {
    const other = await signInOwner(h);
    for (const proof of [undefined, "AAAA", other.proof]) {
      const headers: Record<string, string> = { cookie: owner.cookie, origin: ORIGIN };
      if (proof !== undefined) headers["x-roundhouse-proof"] = proof;
      expect((await h.send("GET", "/api/session", { headers })).status).toBe(401);
    }
  });

  it("is refused for a change from a foreign page, or from none", async () => {
    const foreign = [
      "http://hello.apps.localhost:8787",
      "http://localhost:8788",
      "https://localhost:8787",
      "null",
      undefined,
    ];
    for (const origin of foreign) {
      const { origin: _own, ...headers } = owner.headers;
      if (origin !== undefined) headers["origin"] = origin;
      const answer = await h.send("POST", "/api/keys", { headers, body: { name: "x" } });
      expect([answer.status, answer.body.error.code]).toEqual([403, "bad_origin"]);
    }
  });

  it("is refused for signing in from a foreign page", async () => {
    const answer = await h.send("POST", "/api/session", {
      headers: { origin: "http://evil.example" },
      body: { token: "x" },
    });
    expect(answer.body.error.code).toBe("bad_origin");
  });

  it("ends with signing out, and so does what it holds open", async () => {
    const session = await signInOwner(h);
    h.calls.length = 0;
    const out = await h.send("DELETE", "/api/session", { headers: session.headers });
    expect(out.status).toBe(204);
    expect(out.headers.get("set-cookie")).toMatch(/Max-Age=0/);
    expect(h.calls).toContainEqual({
      object: "feed",
      method: "revoke",
      argument: { by: "session", sessionId: expect.any(String) },
    });
    expect((await h.send("GET", "/api/session", { headers: session.headers })).status).toBe(401);
  });

  it("ends when the person sets a new password elsewhere", async () => {
    const other = await signInOwner(h);
    await h.send("PUT", "/api/account", { headers: owner.headers, body: ACCOUNT });
    expect((await h.send("GET", "/api/session", { headers: other.headers })).status).toBe(401);
    expect((await h.send("GET", "/api/session", { headers: owner.headers })).status).toBe(200);
  });

  it("cannot be made with a forged cookie signature", async () => {
    const [name, value = ""] = owner.cookie.split("=");
    const token = value.slice(0, value.lastIndexOf("."));
    const headers = { ...owner.headers, cookie: `${name}=${token}.AAAA` };
    expect((await h.send("GET", "/api/session", { headers })).status).toBe(401);
  });
});

describe("signing in", () => {
  it("answers a wrong password and an unknown e-mail alike", async () => {
    const wrong = await h.send("POST", "/api/session", {
      body: { email: ACCOUNT.email, password: "not the password" },
    });
    const unknown = await h.send("POST", "/api/session", {
      body: { email: "who@example.com", password: "not the password" },
    });
    expect(wrong.status).toBe(401);
    expect(wrong.text).toBe(unknown.text);
    expect(wrong.body.error.code).toBe("sign_in_failed");
  });

  it("is limited for each e-mail, and says for how long", async () => {
    const body = { email: "victim@example.com", password: "guess" };
    const statuses = [];
    let last;
    for (let attempt = 0; attempt < 11; attempt += 1) {
      last = await h.send("POST", "/api/session", { body, headers: { "cf-connecting-ip": `10.0.0.${attempt}` } });
      statuses.push(last.status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect(last?.body.error).toMatchObject({ code: "too_many_requests", hint: expect.stringMatching(/\d+ seconds/) });
    expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("is limited for all together where addresses are not known, whatever they say of themselves", async () => {
    h.env.CLIENT_ADDRESS = "unknown";
    const statuses = [];
    for (let attempt = 0; attempt < 51; attempt += 1) {
      const body = { email: `victim-${attempt}@example.com`, password: "guess" };
      const headers = { "cf-connecting-ip": `10.0.1.${attempt}` };
      statuses.push((await h.send("POST", "/api/session", { body, headers })).status);
    }
    delete h.env.CLIENT_ADDRESS;
    await h.env.DB.prepare("DELETE FROM sign_in_attempts WHERE subject = 'address:unknown'").run();
    expect(statuses.at(-1)).toBe(429);
  });

  it("does not repeat the password in an error", async () => {
    const answer = await h.send("PUT", "/api/account", {
      headers: owner.headers,
      body: { ...ACCOUNT, password: "short-pw" },
    });
    expect(answer.body.error).toMatchObject({ code: "invalid_input", message: expect.stringContaining("password") });
    expect(answer.text).not.toContain("short-pw");
  });

  it("works through a link only until it expires", async () => {
    const link = await h.send("POST", "/api/local/sign-in-link", { as: await localKey(h.env) });
    await h.env.DB.prepare("UPDATE verifications SET expires_at = ?")
      .bind(Date.now() - 1000)
      .run();
    const late = await h.send("POST", "/api/session", { body: { token: tokenOf(link.body.url) } });
    expect(late.body.error.code).toBe("sign_in_link_invalid");
  });
});
