/** Data roots on disks that are full or read-only: real ones, in memory, which only root can mount. */
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDataMode } from "../../../worker-agent/src/host/data-mode.ts";
import { dataRootAt, makeDataRoot } from "../../../worker-agent/src/host/data-root.ts";
import { machineId } from "../../../worker-agent/src/host/machine.ts";
import { openDataRoot } from "../../../worker-agent/src/host/open-data-root.ts";
import { isOwnFolder, spareFolders } from "../../../worker-agent/src/host/spare-folder.ts";
import { newIdentity, readIdentity, writeIdentity } from "../../../worker-agent/src/identity.ts";
import { AlreadyRunning, lockHolder, takeLock } from "../../../worker-agent/src/lock.ts";
import { canMount, MemoryDisk } from "../../machines/memory-disk.ts";

const URL = "http://127.0.0.1:1";

let temp: string;
let disk: MemoryDisk;
let data: string;
let spares: string[];
beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), "disk-"));
  disk = new MemoryDisk(join(temp, "disk"));
  data = join(disk.path, "data");
  spares = spareFolders(data, [join(temp, "tmp")]);
});
afterEach(async () => {
  disk.close();
  await rm(temp, { recursive: true, force: true });
});

async function beginNode(): Promise<void> {
  const root = dataRootAt(data);
  await makeDataRoot(root);
  await writeIdentity(root, { ...newIdentity(URL), id: "nd_1" });
}

describe.skipIf(!canMount)("a data root on a real disk", () => {
  it("with little room is used as it is, in minimal mode", async () => {
    disk.mount("64m");
    const opened = await openDataRoot(data, spares);
    expect(opened.root.path).toBe(data);
    expect(await opened.readMode()).toMatchObject({ mode: "minimal", reason: expect.stringContaining("256 MiB") });
    expect(existsSync(spares[0]!)).toBe(false);
  });

  it("that is full keeps the node that is there, whose lock then lies elsewhere", async () => {
    disk.mount("8m");
    await beginNode();
    const filler = disk.fill();
    const opened = await openDataRoot(data, spares);
    expect((await readIdentity(opened.root))?.id).toBe("nd_1");
    expect(await opened.readMode()).toMatchObject({ mode: "minimal", reason: expect.stringContaining("ENOSPC") });
    const unlock = await takeLock(opened.root, { spares });
    expect(await lockHolder(opened.root, { spares })).toBe(process.pid);
    await rm(filler);
    await expect(takeLock(opened.root, { spares })).rejects.toThrow(AlreadyRunning);
    await unlock();
    expect(existsSync(spares[0]!)).toBe(false);
    expect(await lockHolder(opened.root, { spares })).toBeUndefined();
    expect(await readDataMode(data)).toMatchObject({ reason: expect.stringContaining("256 MiB") });
  });

  it("that is full has a new node begin in a temporary folder, which moves in once there is room", async () => {
    disk.mount("2m");
    const filler = disk.fill();
    const opened = await openDataRoot(data, spares);
    expect(opened.root.path).toBe(join(spares[0]!, "data"));
    expect(await isOwnFolder(spares[0]!)).toBe(true);
    expect(await opened.readMode()).toMatchObject({ mode: "minimal", reason: expect.stringContaining("temporary") });
    expect(await opened.mayMoveIn()).toBe(false);
    const identity = { ...newIdentity(URL), id: "nd_2" };
    await writeIdentity(opened.root, identity);
    await rm(filler);
    expect(await opened.mayMoveIn()).toBe(true);
    const again = await openDataRoot(data, spares);
    expect(again.root.path).toBe(data);
    expect(await readIdentity(again.root)).toEqual(identity);
    expect(existsSync(spares[0]!)).toBe(false);
  });

  it("that is read-only keeps the node that is there, and its sockets lie elsewhere", async () => {
    disk.mount("300m");
    await beginNode();
    disk.remount("ro");
    const opened = await openDataRoot(data, spares);
    expect((await readIdentity(opened.root))?.id).toBe("nd_1");
    expect(opened.root).toMatchObject({ path: data, runDir: spares[0] });
    expect(await opened.readMode()).toMatchObject({ mode: "read-only", reason: expect.stringContaining("EROFS") });
    const unlock = await takeLock(opened.root, { spares });
    await expect(takeLock(opened.root, { spares })).rejects.toThrow(AlreadyRunning);
    await unlock();
    expect(await machineId(opened.root)).toBe(await machineId(opened.root));
    disk.remount("rw");
    expect(await opened.readMode()).toEqual({ mode: "full" });
  });

  it("that is read-only and empty has a node in a temporary folder, the same one after a restart of the agent", async () => {
    disk.mount("300m");
    disk.remount("ro");
    const opened = await openDataRoot(data, spares);
    const identity = { ...newIdentity(URL), id: "nd_3" };
    await writeIdentity(opened.root, identity);
    const again = await openDataRoot(data, spares);
    expect(await readIdentity(again.root)).toEqual(identity);
    disk.remount("rw");
    // Nothing is launched in the temporary folder in the moment before the move.
    expect(await again.readMode()).toMatchObject({ mode: "read-only" });
  });
});

describe("a temporary folder", () => {
  it("of somebody else is not used, nor is what lies in it", async () => {
    const planted = join(spares[0]!, "data/node.json");
    await mkdir(join(spares[0]!, "data"), { recursive: true, mode: 0o777 });
    await writeFile(planted, JSON.stringify({ ...newIdentity("http://evil.test"), id: "nd_evil" }));
    await chmod(spares[0]!, 0o777);
    const opened = await openDataRoot(data, spares);
    expect(await readIdentity(opened.root)).toBeUndefined();
    expect(await readFile(planted, "utf8")).toContain("nd_evil");
  });
});
