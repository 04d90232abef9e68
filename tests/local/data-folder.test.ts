/** What `npm start` keeps in its data folder: one lock, one master key. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataInUse, lockData } from "../../local/lock.ts";
import { localBearer, masterKey } from "../../local/master-key.ts";
import { startTimeOf } from "../../local/process.ts";

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "start-data-"));
});
afterEach(() => rmSync(data, { recursive: true }));

describe("the lock", () => {
  it("keeps a second start off, and says which process holds it", () => {
    const unlock = lockData(data);
    expect(() => lockData(data)).toThrow(DataInUse);
    expect(() => lockData(data)).toThrow(`pid ${process.pid}`);
    unlock();
    lockData(data)();
  });

  it("is taken from a process that is gone", async () => {
    const other = spawn("true");
    await once(other, "exit");
    writeFileSync(join(data, "start.pid"), `${other.pid} 12345`);
    expect(() => lockData(data)()).not.toThrow();
  });

  it("is taken when its pid belongs to another process by now", () => {
    writeFileSync(join(data, "start.pid"), `${process.pid} 1`);
    expect(startTimeOf(process.pid)).not.toBe(1);
    expect(() => lockData(data)()).not.toThrow();
  });
});

describe("the master key", () => {
  it("is made once, at mode 0600", () => {
    const key = masterKey(data);
    expect(Buffer.from(key, "base64url")).toHaveLength(32);
    expect(masterKey(data)).toBe(key);
    expect(statSync(join(data, "master.key")).mode & 0o777).toBe(0o600);
  });

  it("is closed again when somebody opened it", () => {
    masterKey(data);
    writeFileSync(join(data, "master.key"), readFileSync(join(data, "master.key")), { mode: 0o644 });
    masterKey(data);
    expect(statSync(join(data, "master.key")).mode & 0o777).toBe(0o600);
  });

  it("gives a bearer that does not show it", () => {
    const key = masterKey(data);
    expect(localBearer(key)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(localBearer(key)).not.toContain(key);
  });
});
