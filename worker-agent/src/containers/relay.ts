/** Ports of this host that lead into a container. They are ours, so that what listens for an instance is a process of it. */
import { connect, createServer, type Server } from "node:net";

const LOOPBACK = "127.0.0.1";

export type Relay = { close(): void };

/** `address` is asked anew for each connection: a container has another one after a restart of its engine. */
export async function openRelay(
  { from, to }: { from: number; to: number | null },
  address: () => string | undefined,
): Promise<Relay> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const host = address();
    if (host === undefined || to === null) {
      client.destroy();
      return;
    }
    const inner = connect({ host, port: to, allowHalfOpen: true });
    client.pipe(inner).pipe(client);
    // Either side's break is the other's.
    client.once("error", () => inner.destroy());
    inner.once("error", () => client.destroy());
    client.once("close", () => inner.destroy());
    inner.once("close", () => client.destroy());
  });
  await listen(server, from);
  return { close: () => void server.close() };
}

/** Whether somebody takes connections there. */
export function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const finish = (is: boolean): void => {
      socket.destroy();
      done(is);
    };
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
    socket.once("timeout", () => finish(false));
  });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, LOOPBACK, () => done());
  });
}
