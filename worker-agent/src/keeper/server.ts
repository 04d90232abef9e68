/** The keeper's door: a unix socket where agents come and go. */
import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { encodeLine, KEEPER_PROTOCOL_VERSION, readAgentLines, type AgentLine, type KeeperState } from "./protocol.ts";
import { socketAddress } from "./socket-path.ts";
import type { ExitRecord, StopCause } from "./spec.ts";

export type KeeperServer = {
  announceExit(exit: ExitRecord): void;
  /** Ends every connection once what was said has been sent, and removes the socket. */
  close(): Promise<void>;
};

export type KeeperDoor = {
  state(): KeeperState;
  stop(cause: StopCause, graceMs: number | undefined): void;
};

const SOCKET_MODE = 0o600;
const CLOSE_LIMIT_MS = 1_000;

/** Listens at `path`, in a folder that only the agent's user can enter. */
export async function serveKeeper(path: string, door: KeeperDoor): Promise<KeeperServer> {
  const peers = new Set<Socket>();
  const server = createServer((peer) => {
    peers.add(peer);
    peer.setEncoding("utf8");
    // An agent that was killed resets its connection; the keeper goes on without it.
    peer.on("error", () => peer.destroy());
    peer.on("close", () => peers.delete(peer));
    peer.on(
      "data",
      readAgentLines((line) => answer(line, peer, door)),
    );
  });
  const address = await socketAddress(path);
  await rm(path, { force: true });
  await listen(server, address.path);
  await chmod(path, SOCKET_MODE);
  return {
    announceExit: (exit) => {
      for (const peer of peers) peer.write(encodeLine({ type: "keeper.exited", exit }));
    },
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const peer of peers) peer.end();
      const timer = setTimeout(() => peers.forEach((peer) => peer.destroy()), CLOSE_LIMIT_MS);
      await closed;
      clearTimeout(timer);
      await rm(path, { force: true });
      await address.release();
    },
  };
}

function answer(line: AgentLine, peer: Socket, door: KeeperDoor): void {
  switch (line.type) {
    case "agent.hello":
      peer.write(encodeLine({ type: "keeper.hello", version: KEEPER_PROTOCOL_VERSION, state: door.state() }));
      return;
    case "agent.stop":
      door.stop(line.cause, line.graceMs);
      return;
    case "agent.status":
      peer.write(encodeLine({ type: "keeper.status", state: door.state() }));
      return;
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen({ path }, () => {
      server.off("error", fail);
      done();
    });
  });
}
