/** Only one agent serves a data root, also when it lies on a volume that several machines mount. */
import { readFile, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DataRoot, dataRootAt } from "../../worker-agent/src/host/data-root.ts";
import { AlreadyRunning, lockHolder, takeLock } from "../../worker-agent/src/lock.ts";
import { makeTempDir } from "./keeper/build.ts";

let root: DataRoot;
let remove: () => Promise<void>;
beforeEach(async () => {
  const temp = await makeTempDir();
  root = dataRootAt(temp.dir);
  ({ remove } = temp);
});
afterEach(() => remove());

describe("the lock of a data root", () => {
  it("is held by one agent until it is given back", async () => {
    const unlock = await takeLock(root);
    expect(JSON.parse(await readFile(root.lockFile, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
    await expect(takeLock(root)).rejects.toThrow(`an agent (pid ${process.pid}) already serves ${root.path}`);
    await unlock();
    expect(await lockHolder(root)).toBeUndefined();
  });

  it.each([
    ["of a process that is gone", { pid: process.pid, startTime: 1, host: hostname() }],
    ["of an agent that knew no host names", { pid: process.pid, startTime: 1 }],
    ["of another machine that went away", { pid: process.pid, startTime: 1, host: "elsewhere" }],
    ["whose writer died half-way", "{"],
  ])("%s is taken over", async (_whose, record) => {
    await writeFile(root.lockFile, typeof record === "string" ? record : JSON.stringify(record));
    const unlock = await takeLock(root, { quietMs: 20 });
    expect(await lockHolder(root)).toBe(process.pid);
    await unlock();
  });

  it("of another machine that still touches it is respected, and nothing there is signalled", async () => {
    await writeFile(root.lockFile, JSON.stringify({ pid: process.pid, startTime: 1, host: "elsewhere" }));
    let second = 0;
    const timer = setInterval(() => void utimes(root.lockFile, (second += 1), second), 5);
    const options = { quietMs: 100 };
    await expect(takeLock(root, options)).rejects.toThrow(`an agent (on elsewhere) already serves ${root.path}`);
    await expect(lockHolder(root, options)).rejects.toThrow(AlreadyRunning);
    clearInterval(timer);
  });
});
