/** Copies of real installations, with real virtual environments: whole or not at all, and working where they lie. */
import { lstat, mkdir, readdir, readFile, readlink, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import { readTrashRecord } from "../../../worker-agent/src/trash/record.ts";
import { emptyTrash, listTrash, removeFromTrash } from "../../../worker-agent/src/trash/trash.ts";
import { type House, makeHouse, waitFor, wish } from "./harness.ts";

let house: House;
beforeEach(async () => {
  house = await makeHouse();
  await house.instances().start();
});
afterEach(() => house.close());

const original = wish({ script: "python-env" });
const copyOf = (changes: Partial<DesiredInstance> = {}) =>
  wish({ id: "in_2", script: "python-env", origin: { kind: "copy", of: "in_1" }, ...changes });
const atRest = { desired: "stopped", epoch: 0 } as const;
const folder = (name: string) => join(house.root.instancesDir, name);
const isThere = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );

async function install(): Promise<void> {
  house.want(original);
  await house.until((one) => one.status === "started");
}

describe("a copy", () => {
  it("[RC10] is made at rest, and its environment works where it lies, with the original gone", async () => {
    await install();
    house.want(original, copyOf(atRest));
    expect(house.observed("in_2").status).toBe("installing");
    await house.until((one) => one.status === "stopped", "in_2");
    house.want({ ...original, desired: "stopped", generation: 2 }, copyOf(atRest));
    await house.until((one) => one.status === "stopped");
    await rename(folder("in-1"), folder("elsewhere"));
    house.want({ ...original, desired: "stopped", generation: 2 }, copyOf({ epoch: 1, generation: 2 }));
    const { lastLines } = await house.until((one) => one.status === "started", "in_2");
    expect(lastLines).toContain(`greeted from ${folder("in-2")}/env`);
    expect(await readFile(join(folder("in-2"), "installs.log"), "utf8")).toBe("installed\n");
    expect(await readlink(join(folder("in-2"), "env/source"))).toBe(`${folder("in-2")}/source`);
    const activate = await readFile(join(folder("in-2"), "env/bin/activate"), "utf8");
    expect(activate).toContain(`${folder("in-2")}/env`);
    expect(activate).not.toContain(folder("in-1"));
  });

  it("[RC10] waits while somebody installs in the original, and the original waits while it is copied", async () => {
    const installing = wish({ script: "installs" });
    house.want(installing);
    await house.until((one) => one.lastLines.includes("installing for ever"));
    house.want(installing, copyOf(atRest));
    const waits = await house.until((one) => one.reason?.code === "copying", "in_2");
    expect(waits).toMatchObject({
      status: "installing",
      reason: { message: `waiting until "in_1" no longer installs` },
    });
    house.want({ ...installing, desired: "stopped", generation: 2 }, copyOf(atRest));
    await house.until((one) => one.status === "stopped", "in_2");
  });

  it("[RC10] of nothing is an error that names it, and is tried again when it is started", async () => {
    house.want(copyOf(atRest));
    const failed = await house.until((one) => one.status === "error", "in_2");
    expect(failed.reason?.code).toBe("origin_gone");
    expect(await isThere(folder("in-2"))).toBe(false);
    await install();
    house.want(original, copyOf({ epoch: 1, generation: 2 }));
    await house.until((one) => one.status === "started", "in_2");
  });

  it("[RC10] that was cut short is made anew, and nothing half-made remains", async () => {
    await install();
    // As a killed agent leaves it.
    await mkdir(join(house.root.instancesDir, ".making-in_2"));
    await writeFile(join(house.root.instancesDir, ".making-in_2", "half"), "");
    house.want(original, copyOf(atRest));
    await house.until((one) => one.status === "stopped", "in_2");
    expect(await isThere(join(folder("in-2"), "half"))).toBe(false);
    expect((await readdir(house.root.instancesDir)).toSorted()).toEqual(["in-1", "in-2"]);
  });

  it("[RC10] that is deleted meanwhile leaves nothing", async () => {
    await install();
    house.want(original, copyOf(atRest));
    house.want(original, copyOf({ desired: "deleted", generation: 2 }));
    await waitFor(() => house.changes.some(({ gone }) => gone.includes("in_2")));
    expect(await readdir(house.root.instancesDir)).toEqual(["in-1"]);
  });

  it("[RC10] has the script as a person left it, which speaks of its own folder and of what is shared", async () => {
    await install();
    const script = (name: string) =>
      `# mine\ncd ${folder(name)}/app\nls ${folder("in-1")}0 ${house.root.modelsDir}\npython main.py --data="${folder(name)}"\n`;
    await writeFile(join(folder("in-1"), "launch.sh"), script("in-1"));
    house.want(original, copyOf(atRest));
    await house.until((one) => one.status === "stopped", "in_2");
    expect(await readFile(join(folder("in-2"), "launch.sh"), "utf8")).toBe(script("in-2"));
    expect(await readFile(join(folder("in-1"), "launch.sh"), "utf8")).toBe(script("in-1"));
  });

  it("[RC10] keeps links as links, and those into the shared models lead there", async () => {
    await install();
    await mkdir(join(house.root.modelsDir, "big"), { recursive: true });
    await symlink(join(house.root.modelsDir, "big"), join(folder("in-1"), "models"));
    await symlink("source/greeter", join(folder("in-1"), "relative"));
    house.want(original, copyOf(atRest));
    await house.until((one) => one.status === "stopped", "in_2");
    expect(await readlink(join(folder("in-2"), "models"))).toBe(join(house.root.modelsDir, "big"));
    expect(await readlink(join(folder("in-2"), "relative"))).toBe("source/greeter");
  });
});

describe("the trash", () => {
  const restored = (entry: string, changes: Partial<DesiredInstance> = {}) =>
    wish({ id: "in_3", script: "python-env", origin: { kind: "trash", entry }, ...atRest, ...changes });

  async function trashed(): Promise<string> {
    await install();
    house.want({ ...original, desired: "deleted", deleteMode: "trash", generation: 2 });
    await waitFor(() => house.changes.some(({ gone }) => gone.includes("in_1")));
    house.want();
    const [entry] = await listTrash(house.root);
    expect(entry).toMatchObject({ name: "in_1", blueprint: "python-env", problem: null });
    return entry?.id ?? "";
  }

  it("[RC11] gives back what was put into it, working, also under another folder's name", async () => {
    const entry = await trashed();
    house.want(restored(entry));
    await house.until((one) => one.status === "stopped", "in_3");
    house.want(restored(entry, { desired: "running", epoch: 1, generation: 2 }));
    const { lastLines } = await house.until((one) => one.status === "started", "in_3");
    expect(lastLines).toContain(`greeted from ${folder("in-3")}/env`);
    expect(await listTrash(house.root)).toEqual([]);
    expect(await readTrashRecord(house.root, entry)).toBeUndefined();
  });

  it("[RC11] that was emptied meanwhile makes the restored instance an error that says so", async () => {
    const entry = await trashed();
    expect(await emptyTrash(house.root)).toBe(1);
    house.want(restored(entry));
    const { reason } = await house.until((one) => one.status === "error", "in_3");
    expect(reason?.code).toBe("origin_gone");
  });

  it("keeps what a person put there when it is emptied, and takes it away only by name", async () => {
    await trashed();
    await mkdir(join(house.root.trashDir, "of-a-person"));
    expect(await emptyTrash(house.root)).toBe(1);
    expect((await listTrash(house.root)).map(({ id }) => id)).toEqual(["of-a-person"]);
    expect(await removeFromTrash(house.root, "of-a-person")).toBe(true);
    expect(await removeFromTrash(house.root, "../instances")).toBe(false);
  });
});
