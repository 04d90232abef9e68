/** The agent's end of a keeper's socket. */
import { connect, type Socket } from "node:net";
import { encodeLine, KEEPER_PROTOCOL_VERSION, readKeeperLines, type KeeperLine, type KeeperState } from "./protocol.ts";
import { socketAddress } from "./socket-path.ts";
import type { ExitRecord, StopCause } from "./spec.ts";

export type KeeperLink = {
  /** As it was when the connection was made. */
  state: KeeperState;
  stop(cause: StopCause, graceMs?: number): void;
  /** Resolves with how the child ended, or undefined when the keeper went away without saying. */
  exited: Promise<ExitRecord | undefined>;
  /** Resolves when the keeper is gone and, unless it was killed, with it everything it ran. */
  closed: Promise<void>;
  /** Leaves; the keeper goes on. */
  close(): void;
};

const HELLO_LIMIT_MS = 5_000;

/** Rejects when nobody answers there. */
export async function connectKeeper(path: string): Promise<KeeperLink> {
  const address = await socketAddress(path);
  try {
    return await greet(connect({ path: address.path }));
  } finally {
    await address.release();
  }
}

function greet(socket: Socket): Promise<KeeperLink> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => socket.destroy(new Error("the keeper did not answer")), HELLO_LIMIT_MS);
    let onExited: (exit: ExitRecord | undefined) => void = () => undefined;
    const exited = new Promise<ExitRecord | undefined>((resolve) => (onExited = resolve));
    const closed = new Promise<void>((resolve) => {
      socket.once("close", () => {
        clearTimeout(timer);
        onExited(undefined);
        resolve();
      });
    });
    const send = (line: Parameters<typeof encodeLine>[0]) => {
      if (socket.writable) socket.write(encodeLine(line));
    };
    function onLine(line: KeeperLine): void {
      if (line.type === "keeper.exited") return onExited(line.exit);
      if (line.type !== "keeper.hello") return;
      clearTimeout(timer);
      if (line.state.exit) onExited(line.state.exit);
      done({
        state: line.state,
        stop: (cause, graceMs) => send({ type: "agent.stop", cause, graceMs }),
        exited,
        closed,
        close: () => socket.destroy(),
      });
    }
    socket.setEncoding("utf8");
    socket.on("data", readKeeperLines(onLine));
    // `fail` after `done` has no effect: what happens to an open connection shows as `closed`.
    socket.on("error", fail);
    socket.once("close", () => fail(new Error("the keeper closed the connection")));
    socket.once("connect", () => send({ type: "agent.hello", version: KEEPER_PROTOCOL_VERSION }));
  });
}
