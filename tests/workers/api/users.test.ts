import { beforeAll, describe, expect, it } from "vitest";
import {
  type Harness,
  joinNode,
  makeHarness,
  PRESET_KEY,
  type Session,
  signInOwner,
  signInWith,
  tokenOf,
} from "./harness.ts";

let h: Harness;
let owner: Session;
beforeAll(async () => {
  h = await makeHarness();
  owner = await signInOwner(h);
});

const invite = (email: string, role: string) =>
  h.send("POST", "/api/users", { headers: owner.headers, body: { name: email, email, role } });
const patch = (id: string, role: string, as = PRESET_KEY) =>
  h.send("PATCH", `/api/users/${id}`, { as, body: { role } });

describe("an invitation", () => {
  it("is a link that works once, with the role that was given", async () => {
    const invited = await invite("Bob@example.com", "operator");
    expect(invited.status).toBe(201);
    expect(invited.body.user).toMatchObject({ email: "bob@example.com", role: "operator", hasPassword: false });
    const bob = await signInWith(h, { token: tokenOf(invited.body.link.url) });
    const who = await h.send("GET", "/api/session", { headers: bob.headers });
    expect(who.body).toMatchObject({ role: "operator", via: "session" });
    expect((await h.send("POST", "/api/session", { body: { token: tokenOf(invited.body.link.url) } })).status).toBe(
      401,
    );
    expect((await h.send("GET", "/api/users", { headers: bob.headers })).status).toBe(403);
  });

  it("lives for days, is never listed, and dies with the person", async () => {
    const invited = await invite("carol@example.com", "viewer");
    const link = invited.body.link as unknown as { url: string; expiresAt: string };
    expect(Date.parse(link.expiresAt)).toBeGreaterThan(Date.now() + 6 * 24 * 3600 * 1000);
    expect((await h.send("GET", "/api/users", { as: PRESET_KEY })).text).not.toContain(tokenOf(link.url));
    expect((await h.send("DELETE", `/api/users/${invited.body.user.id}`, { as: PRESET_KEY })).status).toBe(204);
    const again = await invite("carol@example.com", "admin");
    expect(again.status).toBe(201);
    expect((await h.send("POST", "/api/session", { body: { token: tokenOf(link.url) } })).body.error.code).toBe(
      "sign_in_link_invalid",
    );
    await h.send("DELETE", `/api/users/${again.body.user.id}`, { as: PRESET_KEY });
  });

  it("is refused for an e-mail that is taken, in any case", async () => {
    const answer = await invite("BOB@example.com", "viewer");
    expect([answer.status, answer.body.error.code]).toEqual([409, "name_taken"]);
  });

  it("can be made anew for somebody who lost it", async () => {
    const { id } = (await invite("dora@example.com", "viewer")).body.user;
    const link = await h.send("POST", `/api/users/${id}/sign-in-link`, { headers: owner.headers });
    expect((await signInWith(h, { token: tokenOf(link.body.url) })).userId).toBe(id);
  });
});

describe("a role", () => {
  it("that changes counts at once, for sessions and keys, and ends what is open", async () => {
    const invited = await invite("eve@example.com", "operator");
    const eve = await signInWith(h, { token: tokenOf(invited.body.link.url) });
    const made = await h.send("POST", "/api/keys", { headers: eve.headers, body: { name: "mine", role: "operator" } });
    expect(made.body).toMatchObject({ role: "operator", createdBy: "eve@example.com" });
    const node = await joinNode(h);
    h.calls.length = 0;
    expect((await patch(eve.userId, "viewer")).body).toMatchObject({ role: "viewer" });
    const argument = { by: "user", userId: eve.userId };
    expect(h.calls).toContainEqual({ object: node.id, method: "revoke", argument });
    expect(h.calls).toContainEqual({ object: "feed", method: "revoke", argument });
    const body = { name: "x", kind: "bash", source: "x" };
    expect((await h.send("POST", "/api/blueprints", { headers: eve.headers, body })).status).toBe(403);
    expect((await h.send("POST", "/api/blueprints", { as: made.body.key, body })).status).toBe(403);
    await h.send("DELETE", `/api/users/${eve.userId}`, { as: PRESET_KEY });
    expect((await h.send("GET", "/api/session", { headers: eve.headers })).status).toBe(401);
    expect((await h.send("GET", "/api/session", { as: made.body.key })).status).toBe(401);
  });

  it("of the last admin stays, also when two admins are demoted at once", async () => {
    const only = await patch(owner.userId, "viewer");
    expect(only.body.error).toMatchObject({ code: "conflict", message: expect.stringContaining("last admin") });
    const removed = await h.send("DELETE", `/api/users/${owner.userId}`, { as: PRESET_KEY });
    expect(removed.body.error.code).toBe("conflict");
    const second = (await invite("second@example.com", "admin")).body.user;
    const both = await Promise.all([patch(owner.userId, "viewer"), patch(second.id, "viewer")]);
    expect(both.map((answer) => answer.status).toSorted()).toEqual([200, 409]);
  });

  it("that does not exist is refused", async () => {
    const answer = await patch(owner.userId, "owner");
    expect(answer.body.error).toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(/^role: "owner"/),
    });
  });
});

it("a key cannot change a password", async () => {
  const body = { name: "x", email: "x@example.com", password: "long enough password" };
  expect((await h.send("PUT", "/api/account", { as: PRESET_KEY, body })).body.error.code).toBe("forbidden");
});

it("the preset key's own keys say so", async () => {
  const made = await h.send("POST", "/api/keys", { as: PRESET_KEY, body: { name: "ci", role: "viewer" } });
  expect(made.body).toMatchObject({ createdBy: "preset key", role: "viewer" });
  const who = await h.send("GET", "/api/session", { as: made.body.key });
  expect(who.body).toEqual({ user: null, role: "viewer", via: "api-key" });
  expect((await h.send("GET", "/api/session", { as: PRESET_KEY })).body).toEqual({
    user: null,
    role: "admin",
    via: "preset-key",
  });
});
