/** What a session, key, user or node holds open ends with it: streams and sockets of apps, logs, stats, terminals, the live feed. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { api, env, eventually, makeApp, migrate, type TestApp } from "../objects/harness.ts";
import { ORIGIN, worker } from "../objects/worker.ts";
import { callHeaders, dial, dialAgent, Feed, holdAppOpen, signInAs, socketHeaders } from "./client.ts";

const REVOKED = 1008;
let app: TestApp;
beforeAll(async () => {
  await migrate();
  // A pool keeps its last admin.
  await signInAs("admin");
});
beforeEach(async () => {
  app = await makeApp();
});

/** Somebody with a session or key: the headers of their calls and sockets, and the ways it can end. */
type Holder = { calls: Record<string, string>; sockets: Record<string, string>; end(): Promise<unknown> };

async function person(
  end: (session: { userId: string; calls: Record<string, string> }) => Promise<unknown>,
): Promise<Holder> {
  const session = await signInAs("operator");
  const calls = callHeaders(session);
  return { calls, sockets: socketHeaders(session), end: () => end({ userId: session.userId, calls }) };
}

async function program(end: (keyId: string) => Promise<unknown>, as?: Record<string, string>): Promise<Holder> {
  const made = await worker.fetch(`${ORIGIN}/api/keys`, {
    method: "POST",
    headers: { ...(as ?? callHeaders(await signInAs("admin"))), "Content-Type": "application/json" },
    body: JSON.stringify({ name: "program", role: "operator" }),
  });
  const { id, key } = await made.json<{ id: string; key: string }>();
  const headers = { Authorization: `Bearer ${key}` };
  return { calls: headers, sockets: headers, end: () => end(id) };
}

/** Everything of ours that can be held open, opened by one holder. */
async function openAll({ calls, sockets }: Holder) {
  const opening = await worker.fetch(`${ORIGIN}/api/instances/${app.instance.id}/open`, {
    method: "POST",
    headers: calls,
  });
  const { url } = await opening.json<{ url: string }>();
  const landed = await worker.fetch(url, { redirect: "manual" });
  const Cookie = landed.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const fetch = (path: string, headers: Record<string, string> = {}) =>
    worker.fetch(app.origin + path, { redirect: "manual", headers: { Cookie, ...headers } });
  const held = await holdAppOpen(app, fetch);
  const log = new Feed((await dialAgent(app.agent, `/api/instances/${app.instance.id}/logs`, sockets)).response);
  const stats = new Feed((await dialAgent(app.agent, `/api/nodes/${app.node.id}/stats`, sockets)).response);
  const terminal = new Feed(
    (await dialAgent(app.agent, `/api/instances/${app.instance.id}/terminal`, sockets)).response,
  );
  const feed = new Feed(await dial("/api/events", sockets));
  await feed.next();
  return { held, log, stats, terminal, feed, fetch };
}
type Open = Awaited<ReturnType<typeof openAll>>;

async function expectEnded({ held, log, stats, terminal, feed, fetch }: Open): Promise<void> {
  expect(await held.ended).toEqual([REVOKED, "broken off"]);
  const closed = await Promise.all([log.closed, stats.closed, terminal.closed, feed.closed]);
  expect(closed).toEqual([REVOKED, REVOKED, REVOKED, REVOKED]);
  for (const stream of held.streams) {
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "cancelled" });
  }
  await eventually(async () => expect((await fetch("/")).status).toBe(401));
}

function expectOpen({ held, log, stats, terminal, feed }: Open): void {
  for (const { socket } of [held.socket, log, stats, terminal, feed]) expect(socket.readyState).toBe(WebSocket.OPEN);
}

const patchRole = (userId: string, role: string) => api("PATCH", `/api/users/${userId}`, { role });

describe("[AC6] everything that is open ends", () => {
  it("with the session, at sign-out, and nobody else's", async () => {
    const holder = await person(({ calls }) =>
      worker.fetch(`${ORIGIN}/api/session`, { method: "DELETE", headers: calls }),
    );
    const other = await openAll(await person(async () => undefined));
    const open = await openAll(holder);
    await holder.end();
    await expectEnded(open);
    expectOpen(other);
    expect((await dial("/api/events", holder.sockets)).status).toBe(401);
  });

  it("with the user who is removed", async () => {
    const holder = await person(({ userId }) => api("DELETE", `/api/users/${userId}`));
    const open = await openAll(holder);
    await holder.end();
    await expectEnded(open);
  });

  it("with the role the user had, and can be opened again as far as the new one goes", async () => {
    const holder = await person(({ userId }) => patchRole(userId, "viewer"));
    const open = await openAll(holder);
    await holder.end();
    await expectEnded(open);
    const path = `/api/instances/${app.instance.id}/open`;
    expect((await worker.fetch(ORIGIN + path, { method: "POST", headers: holder.calls })).status).toBe(403);
    expect((await dial("/api/events", holder.sockets)).status).toBe(101);
  });

  it("with the key that is revoked, and with the owner of a key", async () => {
    const revoked = await program((id) => api("DELETE", `/api/keys/${id}`));
    const open = await openAll(revoked);
    await revoked.end();
    await expectEnded(open);
    const owner = await signInAs("operator");
    const orphan = await program(() => api("DELETE", `/api/users/${owner.userId}`), callHeaders(owner));
    const orphaned = await openAll(orphan);
    await orphan.end();
    await expectEnded(orphaned);
  });

  it("when the key or session expires, while those that go on stay open", async () => {
    const soon = Date.now() + 6_000;
    const other = await openAll(await person(async () => undefined));
    const expiring = (table: string, column: string, id: string) =>
      env.DB.prepare(`UPDATE ${table} SET expires_at = ? WHERE ${column} = ?`).bind(soon, id).run();
    const key = await program((id) => expiring("api_keys", "id", id));
    const session = await person(({ userId }) => expiring("sessions", "user_id", userId));
    await Promise.all([key.end(), session.end()]);
    const opened = [await openAll(key), await openAll(session)];
    for (const open of opened) await expectEnded(open);
    expectOpen(other);
  });

  it("with the node that is removed, but for what is not of that node", async () => {
    const open = await openAll(await person(async () => undefined));
    await api("DELETE", `/api/nodes/${app.node.id}`);
    expect(await open.held.ended).toEqual([1012, "broken off"]);
    expect(await Promise.all([open.log.closed, open.stats.closed])).toEqual([1012, 1012]);
    expect(open.feed.socket.readyState).toBe(WebSocket.OPEN);
    expect((await open.fetch("/")).status).toBe(421);
  });
});
