import { ContainerSpec } from "@roundhouse/protocol/container";
import { describe, expect, it } from "vitest";
import { createOptions } from "../../../worker-agent/src/containers/create-options.ts";
import type { ContainerJob } from "../../../worker-agent/src/containers/job.ts";

function optionsOf(spec: Record<string, unknown> = {}, changes: Partial<ContainerJob> = {}) {
  const job: ContainerJob = {
    socketPath: "/docker.sock",
    owner: { root: "/data", instance: "in_1", launch: 3 },
    spec: ContainerSpec.parse({ image: "app:1", ...spec }),
    ...{
      mounts: [],
      main: { from: 19001, to: null },
      ports: [],
      env: {},
      secrets: [],
      gpuIds: [],
      stopGraceSeconds: 8,
    },
    ...changes,
  };
  return createOptions(job, null, ["A=1"]);
}

describe("what an engine is asked for", () => {
  it("is the least that serves", () => {
    const { HostConfig: host, ...rest } = optionsOf();
    expect(rest).toMatchObject({ Image: "app:1", Env: ["A=1"], name: "roundhouse-in_1-3" });
    expect(host).toMatchObject({
      NetworkMode: "none",
      Mounts: [],
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      IpcMode: "private",
      PidsLimit: 512,
      RestartPolicy: { Name: "no" },
    });
    for (const key of ["Devices", "Binds", "PidMode", "UsernsMode", "DeviceRequests", "PortBindings", "UTSMode"]) {
      expect(host).not.toHaveProperty(key);
    }
  });

  it("adds no capability to a user other than root, and to root none beyond the engine's own default", () => {
    const ofDocker = new Set([
      ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW"],
      ...["SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
    ]);
    expect(optionsOf({ user: 1000 }).HostConfig?.CapAdd).toEqual([]);
    for (const spec of [{}, { user: 0 }, { user: "0:0" }]) {
      const added = optionsOf(spec).HostConfig?.CapAdd as string[];
      expect(added.filter((one) => !ofDocker.has(one))).toEqual([]);
    }
  });

  it("holds memory, swap, processors and processes to what the blueprint says", () => {
    expect(optionsOf({ memory: "64MiB", cpus: 0.25, pids: 20 }).HostConfig).toMatchObject({
      ...{ Memory: 64 * 1024 ** 2, MemorySwap: 64 * 1024 ** 2, NanoCpus: 250_000_000, PidsLimit: 20 },
    });
  });

  it("gives the GPUs that were chosen, and no other", () => {
    expect(optionsOf({ gpus: true }, { gpuIds: ["GPU-1"] }).HostConfig?.DeviceRequests).toEqual([
      { Driver: "nvidia", DeviceIDs: ["GPU-1"], Capabilities: [["gpu"]] },
    ]);
    expect(optionsOf({ gpus: true }).HostConfig?.DeviceRequests).toMatchObject([{ Count: -1 }]);
    expect(optionsOf({}, { gpuIds: ["GPU-1"] }).HostConfig).not.toHaveProperty("DeviceRequests");
  });
});
