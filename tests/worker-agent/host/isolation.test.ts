/** The user instances run under, tried for real where the tests run as root. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { dataRootAt, makeDataRoot } from "../../../worker-agent/src/host/data-root.ts";
import { chooseAppUser, parsePasswd } from "../../../worker-agent/src/host/isolation.ts";
import { runProgram } from "../../../worker-agent/src/host/programs.ts";

const isRoot = process.getuid?.() === 0;
const made: string[] = [];
afterEach(async () => {
  for (const dir of made.splice(0)) await rm(dir, { recursive: true, force: true });
});

describe("the app user", () => {
  it("is the agent's own when the agent is not root", async () => {
    const { user, isolation } = await chooseAppUser(await dataRoot(tmpdir()), { uid: 1000 });
    expect([user, isolation.mode]).toEqual([null, "same-user"]);
    expect(isolation.reason).toContain("not run as root");
  });

  it.runIf(isRoot)("is nobody when that account can reach the data root and Node", async () => {
    const root = await dataRoot(tmpdir());
    await makeDataRoot(root);
    const { user, isolation } = await chooseAppUser(root, { execPath: "/bin/true" });
    expect(isolation).toMatchObject({ mode: "separate-user" });
    const told = await runProgram("id", ["-u"], { ...user });
    expect(told).toMatchObject({ stdout: `${user?.uid}\n` });
  });

  it.runIf(isRoot)("is the agent's own when a folder on the way is closed, and the reason names it", async () => {
    const closed = await mkdtemp(join(tmpdir(), "closed-"));
    made.push(closed);
    const root = dataRootAt(join(closed, "data"));
    await makeDataRoot(root);
    const { user, isolation } = await chooseAppUser(root);
    expect(user).toBeNull();
    expect(isolation.reason).toContain(`cannot enter ${root.path}`);
  });

  it("is read from the passwd file", () => {
    const text = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";
    expect(parsePasswd(text, "nobody")).toEqual({ uid: 65534, gid: 65533 });
    expect(parsePasswd(text, "app")).toBeUndefined();
    expect(parsePasswd("nobody:x:\n", "nobody")).toBeUndefined();
  });
});

async function dataRoot(parent: string) {
  const dir = join(parent, `isolation-${process.pid}-${Math.random().toString(36).slice(2)}`);
  made.push(dir);
  return dataRootAt(dir);
}
