import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerSpec } from "@roundhouse/protocol/container";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MountPlaces, resolveMounts } from "../../../worker-agent/src/containers/mounts.ts";

let top: string;
let places: MountPlaces;
beforeEach(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), "mounts-")));
  for (const name of ["own", "models", "outputs", "shared/music", "agent/state"]) {
    await mkdir(join(top, name), { recursive: true });
  }
  places = {
    own: join(top, "own"),
    named: { models: join(top, "models"), outputs: join(top, "outputs") },
    allowed: [join(top, "shared")],
    hidden: [join(top, "agent"), "/var/lib/docker"],
  };
});
afterEach(() => rm(top, { recursive: true, force: true }));

const resolve = async (from: string) => {
  const spec = ContainerSpec.parse({ image: "app:1", mounts: [{ from: "models", to: "/x" }] });
  const mounts = [{ from, to: "/x", readonly: false }];
  return (await resolveMounts({ ...spec, mounts }, places))[0]?.source;
};
const refusal = { code: "mount_refused" };

describe("mounts", () => {
  it("are folders of the instance, which are made, of its node, and those its owner allowed", async () => {
    expect(await resolve("./data")).toBe(join(top, "own/data"));
    expect(await resolve("models")).toBe(join(top, "models"));
    expect(await resolve("outputs")).toBe(join(top, "outputs"));
    expect(await resolve(join(top, "shared/music"))).toBe(join(top, "shared/music"));
  });

  it.each([
    "/",
    "//",
    "/.",
    "/proc",
    "/proc/1/root",
    "/sys",
    "/dev",
    "/dev/kmsg",
    "/etc",
    "/root",
    "/run",
    "/var/run/docker.sock",
  ])("of %s are refused, whatever was allowed", async (from) => {
    places = { ...places, allowed: ["/"] };
    await expect(resolve(from)).rejects.toMatchObject(refusal);
  });

  it("of what holds the agent's data, or lies in it, are refused, whatever was allowed", async () => {
    places = { ...places, allowed: ["/"] };
    for (const from of [top, join(top, "agent"), join(top, "agent/state"), "/var", "/var/lib"]) {
      await expect(resolve(from)).rejects.toMatchObject(refusal);
    }
  });

  it("of what nobody allowed are refused, with what to do", async () => {
    const hint = expect.stringContaining("--mount");
    await expect(resolve(join(top, "outputs"))).rejects.toMatchObject({ ...refusal, hint });
    await expect(resolve(join(top, "shared-not"))).rejects.toMatchObject({ ...refusal, hint });
  });

  it("never follow a link, wherever it stands in the path", async () => {
    await symlink("/etc", join(top, "own/data"));
    await expect(resolve("./data")).rejects.toMatchObject(refusal);
    await symlink("/etc", join(top, "shared/etc"));
    await expect(resolve(join(top, "shared/etc"))).rejects.toMatchObject(refusal);
    await symlink(join(top, "agent"), join(top, "shared/door"));
    await expect(resolve(join(top, "shared/door/state"))).rejects.toMatchObject(refusal);
  });

  it("whatever is asked for, nothing but the instance's, the node's and the allowed folders is given", async () => {
    const part = fc.constantFrom(
      "..",
      ".",
      "",
      "shared",
      "music",
      "agent",
      "own",
      "etc",
      "proc",
      "music\u0000",
      "%2e%2e",
    );
    const path = fc.array(part, { maxLength: 6 }).map((parts) => `/${parts.join("/")}`);
    const below = fc.array(part, { maxLength: 4 }).map((parts) => join(top, "shared") + "/" + parts.join("/"));
    await fc.assert(
      fc.asyncProperty(fc.oneof(path, below), async (from) => {
        const source = await resolve(from).catch((error: { code: string }) => {
          expect(["mount_refused", "ERR_INVALID_ARG_VALUE"]).toContain(error.code);
          return undefined;
        });
        if (source === undefined) return;
        expect(source === places.allowed[0] || source.startsWith(`${places.allowed[0]}/`)).toBe(true);
        expect(await realpath(source)).toBe(source);
      }),
    );
  });
});
