/** What the engine is asked to make: the least that serves. Pure. */
import type { ContainerCreateOptions } from "dockerode";
import type { ContainerJob } from "./job.ts";
import { labelsOf } from "./labels.ts";

/** What images that begin as root need to become somebody else and to own their folders; everything else is dropped. */
const ROOT_CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"];
const MIB = 1024 ** 2;
const TMPFS_OPTIONS = `rw,nosuid,nodev,size=${256 * MIB}`;
/** Of the engine's own copy of the output; ours is the instance's log. */
const ENGINE_LOG = { Type: "json-file", Config: { "max-size": "10m", "max-file": "2" } };
/** What is said over a pipe is between its two ends. */
const NO_ENGINE_LOG = { Type: "none", Config: {} };
const PIPED = {
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  OpenStdin: true,
  StdinOnce: true,
  Tty: false,
};

export function createOptions(job: ContainerJob, networkId: string | null, env: string[]): ContainerCreateOptions {
  const { spec, owner, mounts, gpuIds, isPiped } = job;
  const { image, entrypoint, command, user, writable, memory, cpus, pids } = spec;
  const isRoot = user === undefined || /^0(?::|$)/.test(user);
  return {
    name: `roundhouse-${owner.instance}-${owner.launch}`,
    Image: image,
    ...(entrypoint && { Entrypoint: entrypoint }),
    ...(command && { Cmd: command }),
    ...(user !== undefined && { User: user }),
    Env: env,
    Labels: labelsOf(owner),
    ...(isPiped && PIPED),
    HostConfig: {
      NetworkMode: networkId ?? "none",
      Mounts: mounts.map(({ source, target, readonly }) => ({
        Type: "bind",
        Source: source,
        Target: target,
        ReadOnly: readonly,
        BindOptions: { Propagation: "rprivate" },
      })),
      ReadonlyRootfs: !writable,
      Tmpfs: { "/tmp": TMPFS_OPTIONS, "/run": TMPFS_OPTIONS },
      Privileged: false,
      CapDrop: ["ALL"],
      // Of Docker's own default set, none beyond it.
      CapAdd: isRoot ? ROOT_CAPABILITIES : [],
      SecurityOpt: ["no-new-privileges:true"],
      IpcMode: "private",
      PidsLimit: pids,
      ...(memory !== undefined && { Memory: memory, MemorySwap: memory }),
      ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
      ...(spec.gpus && { DeviceRequests: [gpusOf(gpuIds)] }),
      LogConfig: isPiped ? NO_ENGINE_LOG : ENGINE_LOG,
      Init: true,
      OomScoreAdj: 300,
      RestartPolicy: { Name: "no" },
    },
  };
}

/** As `docker run --gpus` asks for them; NVIDIA's container toolkit answers. */
function gpusOf(ids: string[]) {
  const which = ids.length > 0 ? { DeviceIDs: ids } : { Count: -1 };
  return { Driver: "nvidia", ...which, Capabilities: [["gpu"]] };
}
