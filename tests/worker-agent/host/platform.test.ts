/** Which platform a host is on, what it keeps there and where its data root lies: by each one's variables and folders. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Hosting } from "@roundhouse/protocol/facts";
import { Hosting as HostingSchema } from "@roundhouse/protocol/facts";
import { defaultDataPlace } from "../../../worker-agent/src/host/data-place.ts";
import { describeWhereabouts, hostingOf } from "../../../worker-agent/src/host/hosting.ts";
import { detectPlatform, PLATFORM_NAMES } from "../../../worker-agent/src/host/platform.ts";
import { type HostTree, makeHost } from "./host-tree.ts";

type Expected = { platform: string; data: string; hosting: Partial<Hosting>; apps?: "confirm" };

const CONTAINER = { "/": "overlay" };
const STUDIO = "/teamspace/studios/this_studio";

/** What each platform's machines look like, and what is made of it. */
const HOSTS: [string, HostTree, Expected][] = [
  [
    "a Vast container",
    {
      env: { CONTAINER_ID: "123", VAST_CONTAINERLABEL: "C.123", VAST_TCP_PORT_22: "40022", GPU_COUNT: "2" },
      files: { "/workspace/": "" },
      mounts: CONTAINER,
    },
    {
      platform: "vast",
      data: "/var/lib/worker-agent",
      hosting: { evidence: "VAST_CONTAINERLABEL", container: true, inboundPorts: "some", survivesStop: "everything" },
    },
  ],
  [
    "a Vast container with a data folder",
    {
      env: { CONTAINER_ID: "123", CONTAINER_API_KEY: "k", DATA_DIRECTORY: "/workspace/" },
      files: { "/workspace/": "" },
      mounts: CONTAINER,
    },
    {
      platform: "vast",
      data: "/workspace/worker-agent",
      hosting: { evidence: "CONTAINER_ID", persistentRoot: "/" },
    },
  ],
  [
    "a Vast shell that lacks the variables, which its image wrote down",
    { files: { "/etc/environment": 'PATH="/usr/bin"\nVAST_CONTAINERLABEL="C.1"\n' }, mounts: CONTAINER },
    {
      platform: "vast",
      data: "/var/lib/worker-agent",
      hosting: { detectedBy: "environment", evidence: "VAST_CONTAINERLABEL in /etc/environment" },
    },
  ],
  [
    "a Vast virtual machine",
    { env: { VAST_TCP_PORT_22: "1" }, files: { "/run/systemd/system/": "" } },
    { platform: "vast", data: "/var/lib/worker-agent", hosting: { container: false, survivesStop: "everything" } },
  ],
  [
    "a RunPod pod with a volume",
    {
      env: { RUNPOD_POD_ID: "abc", RUNPOD_DC_ID: "EU" },
      files: { "/workspace/": "" },
      mounts: { ...CONTAINER, "/workspace": "fuse" },
    },
    {
      platform: "runpod",
      data: "/workspace/worker-agent",
      hosting: { persistentRoot: "/workspace", survivesStop: "persistent-root", container: true },
    },
  ],
  [
    "a RunPod pod without a volume",
    { env: { RUNPOD_POD_ID: "abc" }, files: { "/workspace/": "" }, mounts: CONTAINER },
    {
      platform: "runpod",
      data: "/var/lib/worker-agent",
      hosting: { persistentRoot: null, survivesStop: "nothing", inboundPorts: "some" },
    },
  ],
  [
    "a RunPod SSH shell that lacks the variables",
    { files: { "/proc/1/environ": "PATH=/bin\0RUNPOD_POD_ID=abc\0", "/workspace/": "" }, mounts: CONTAINER },
    { platform: "runpod", data: "/var/lib/worker-agent", hosting: { evidence: "RUNPOD_POD_ID in /proc/1/environ" } },
  ],
  [
    "a RunPod shell of another user than process 1",
    {
      files: { "/etc/rp_environment": 'export RUNPOD_POD_ID="abc"\nexport PATH="/bin"\n' },
      uid: 1000,
      home: "/home/u",
    },
    {
      platform: "runpod",
      data: "/home/u/.worker-agent",
      hosting: { evidence: "RUNPOD_POD_ID in /etc/rp_environment", root: false },
    },
  ],
  [
    "a Lightning studio",
    {
      env: { LIGHTNING_CLOUD_SPACE_ID: "01h" },
      files: { [`${STUDIO}/`]: "" },
      mounts: CONTAINER,
      uid: 1000,
      home: STUDIO,
    },
    {
      platform: "lightning",
      data: `${STUDIO}/.worker-agent`,
      hosting: { persistentRoot: STUDIO, survivesStop: "persistent-root", root: false },
    },
  ],
  [
    "a Lightning studio without its variables",
    { files: { [`${STUDIO}/`]: "" } },
    { platform: "lightning", data: `${STUDIO}/.worker-agent`, hosting: { detectedBy: "files", evidence: STUDIO } },
  ],
  [
    "a Colab notebook",
    { env: { COLAB_RELEASE_TAG: "release-colab", COLAB_GPU: "1" }, files: { "/content/": "" }, mounts: CONTAINER },
    {
      platform: "colab",
      data: "/content/worker-agent",
      hosting: { survivesStop: "nothing", inboundPorts: "none", idleLimitMinutes: 90, timeLimitHours: 12 },
      apps: "confirm",
    },
  ],
  [
    "a Colab notebook with a Drive",
    {
      files: { "/usr/local/lib/python3.13/dist-packages/google/colab/": "", "/content/drive/MyDrive/": "" },
      mounts: { ...CONTAINER, "/content/drive": "fuse.drive" },
    },
    {
      platform: "colab",
      data: "/content/drive/MyDrive/worker-agent",
      hosting: { detectedBy: "files", persistentRoot: "/content/drive/MyDrive" },
      apps: "confirm",
    },
  ],
  [
    "a Kaggle notebook, whose image comes from Colab's",
    {
      env: { KAGGLE_KERNEL_RUN_TYPE: "Interactive", COLAB_RELEASE_TAG: "x" },
      files: { "/kaggle/working/": "" },
      mounts: CONTAINER,
    },
    {
      platform: "kaggle",
      data: "/kaggle/working/worker-agent",
      hosting: { evidence: "KAGGLE_KERNEL_RUN_TYPE", timeLimitHours: 12, inboundPorts: "none" },
      apps: "confirm",
    },
  ],
  [
    "a Paperspace notebook",
    {
      env: { PAPERSPACE_FQDN: "n1.paperspacegradient.com" },
      files: { "/storage/": "", "/notebooks/": "" },
      mounts: CONTAINER,
    },
    {
      platform: "paperspace",
      data: "/storage/worker-agent",
      hosting: { persistentRoot: "/storage", timeLimitHours: 6 },
    },
  ],
  [
    "a Paperspace machine",
    { files: { "/home/paperspace/": "" }, uid: 1000, home: "/home/paperspace" },
    {
      platform: "paperspace",
      data: "/home/paperspace/.worker-agent",
      hosting: { survivesStop: "everything", timeLimitHours: null },
    },
  ],
  [
    "a machine under the desk",
    { env: { HOME: "/home/me", CONTAINER_ID: "1" }, uid: 1000, home: "/home/me" },
    {
      platform: "local",
      data: "/home/me/.worker-agent",
      hosting: {
        detectedBy: "none",
        evidence: null,
        survivesStop: "everything",
        container: false,
        inboundPorts: "unknown",
      },
    },
  ],
  [
    "somebody's container",
    { files: { "/.dockerenv": "" } },
    { platform: "local", data: "/var/lib/worker-agent", hosting: { container: true, survivesStop: "unknown" } },
  ],
  [
    "a machine with nothing but a /workspace",
    { files: { "/workspace/": "" }, mounts: { ...CONTAINER, "/workspace": "ext4" } },
    { platform: "unknown", data: "/var/lib/worker-agent", hosting: { persistentRoot: null, survivesStop: "unknown" } },
  ],
];

describe("the platform", () => {
  it.each(HOSTS)("of %s is told, with what it keeps and where everything lies", async (_what, tree, expected) => {
    const view = await makeHost(tree);
    const detection = detectPlatform(view);
    const hosting = HostingSchema.parse(hostingOf(view, detection, { mode: "full" }));
    expect(detection.platform.name).toBe(expected.platform);
    expect(hosting).toMatchObject(expected.hosting);
    expect(hosting.apps.policy).toBe(expected.apps ?? "allowed");
    expect(await defaultDataPlace(view, detection.platform)).toBe(expected.data);
  });

  it("is not named by a variable that is set but empty", async () => {
    expect(detectPlatform(await makeHost({ env: { RUNPOD_POD_ID: "" } })).platform.name).toBe("local");
  });

  it("that is given wins over everything that shows", async () => {
    const view = await makeHost({ env: { RUNPOD_POD_ID: "abc" }, files: { "/kaggle/working/": "" } });
    for (const name of PLATFORM_NAMES) {
      expect(detectPlatform(view, name)).toMatchObject({ platform: { name }, detectedBy: "option", evidence: null });
    }
  });

  it("with a rule about app URLs says so in the terminal, with the address of the rule", async () => {
    const view = await makeHost({ env: { COLAB_GPU: "0" }, files: { "/content/": "" } });
    const where = { view, detection: detectPlatform(view), data: "/content/worker-agent" };
    const lines = describeWhereabouts(where).join("\n");
    expect(lines).toMatch(/platform colab \(COLAB_GPU\).*\/content\/worker-agent.*a stop of the machine loses it/);
    expect(lines).toContain("https://research.google.com/colaboratory/faq.html");
  });
});

describe("the default data root", () => {
  const pod: HostTree = {
    env: { RUNPOD_POD_ID: "abc" },
    files: { "/workspace/": "" },
    mounts: { ...CONTAINER, "/workspace": "fuse" },
  };

  it("is where a node is already, though a new one would begin elsewhere", async () => {
    const view = await makeHost(pod);
    const { platform } = detectPlatform(view);
    const place = () => defaultDataPlace(view, platform);
    const begin = async (path: string) => {
      await mkdir(join(view.fsRoot, dirname(path)), { recursive: true });
      await writeFile(join(view.fsRoot, path), "{}");
    };
    await begin("/var/lib/worker-agent/node.json");
    expect(await place()).toBe("/var/lib/worker-agent");
    await begin("/workspace/worker-agent/node.json");
    expect(await place()).toBe("/workspace/worker-agent");
  });

  it("is not on a drive that cannot hold links", async () => {
    // Nothing is there to hold them.
    const view = await makeHost({ ...pod, files: {} });
    expect(await defaultDataPlace(view, detectPlatform(view).platform)).toBe("/var/lib/worker-agent");
  });
});
