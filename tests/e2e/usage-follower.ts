/** Follows what a node's instances take, as the dashboard does. */
import type { InstanceStats, Stats } from "@roundhouse/protocol/facts";
import WebSocket, { type ClientOptions } from "ws";
import type { House } from "./house.ts";

export type UsageFollower = {
  /** The newest that was told of it. */
  of(instance: string): InstanceStats | undefined;
  close(): void;
};

export function followUsage(house: House, node: string): UsageFollower {
  const options: ClientOptions & { closeTimeout: number } = {
    headers: { Authorization: `Bearer ${house.adminKey}` },
    closeTimeout: 300,
  };
  const socket = new WebSocket(`ws://127.0.0.1:${house.port}/api/nodes/${node}/stats`, options);
  let latest: Stats | undefined;
  socket.on("message", (data) => (latest = JSON.parse((data as Buffer).toString()) as Stats));
  return {
    of: (instance) => latest?.instances?.find(({ id }) => id === instance),
    close: () => socket.terminate(),
  };
}
