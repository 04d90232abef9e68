/** What the program that holds a container is told, as JSON in a file; so it holds no secret. */
import type { ContainerSpec } from "@roundhouse/protocol/container";

/** Whose a container is; these are its labels. */
export type Owner = { root: string; instance: string; launch: number };

export type ContainerJob = {
  socketPath: string;
  owner: Owner;
  spec: ContainerSpec;
  mounts: { source: string; target: string; readonly: boolean }[];
  /** The port of this host by which the container is known to run, and where it leads: null leads nowhere. */
  main: { from: number; to: number | null } | null;
  /** It is spoken to over its standard input and output, and the engine keeps none of it. */
  isPiped?: boolean;
  /** Further ports of this host, which lead to ports of the container. */
  ports: { from: number; to: number }[];
  env: Record<string, string>;
  /** Variables whose values the program's environment has, each under its name behind `SECRET_PREFIX`. */
  secrets: string[];
  /** The GPUs it may have, by the vendor's ids, where its blueprint asks for any; empty: all of the node's. */
  gpuIds: string[];
  stopGraceSeconds: number;
};

export const SECRET_PREFIX = "CONTAINER_SECRET_";
