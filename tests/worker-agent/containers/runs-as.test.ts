/** As whom a container runs, by what it may write to: with real folders. */
import { chmod, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerSpec } from "@roundhouse/protocol/container";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runsAs } from "../../../worker-agent/src/containers/runs-as.ts";

const APPS = { uid: 65534, gid: 65533 };
let top: string;
beforeEach(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), "runs-as-")));
  await chmod(top, 0o711);
  for (const name of ["open", "closed/inner/deep"]) await mkdir(join(top, name), { recursive: true });
  await chmod(join(top, "closed"), 0o700);
});
afterEach(() => rm(top, { recursive: true }));

function as(folder: string, user: string | undefined, { readonly = false, apps = APPS } = {}) {
  const mount = { from: "models", to: "/x", readonly };
  const spec = ContainerSpec.parse({ image: "app:1", mounts: [mount], ...(user !== undefined && { user }) });
  return runsAs(spec, [{ source: join(top, folder), target: "/x", readonly }], apps);
}

it.each([
  ["the image's user where it only reads", "open", undefined, { readonly: true }, undefined],
  ["the image's user where others cannot follow", "closed/inner", undefined, {}, undefined],
  ["the one that is named where others cannot follow", "closed/inner/deep", "0", {}, "0"],
  ["the apps' user where others reach what it writes", "open", undefined, {}, "65534:65533"],
  ["the apps' user with its group, if it was named without", "open", "65534", {}, "65534:65533"],
  ["whom it likes where the apps are root", "open", "0", { apps: { uid: 0, gid: 0 } }, "0"],
] as const)("is %s", async (_, folder, user, more, expected) => {
  expect(await as(folder, user, more)).toBe(expected);
});

it.each(["0", "1000:1000", "65534:0"])("is not user %s where others reach what it writes", async (user) => {
  await expect(as("open", user)).rejects.toMatchObject({
    code: "mount_refused",
    message: expect.stringContaining(`"models" cannot be mounted for writing`),
  });
});

it("does not count a folder as closed that is itself the one mounted, or lets a group pass", async () => {
  expect(await as("closed", undefined)).toBe("65534:65533");
  await chmod(join(top, "closed"), 0o710);
  expect(await as("closed/inner", undefined)).toBe("65534:65533");
});
