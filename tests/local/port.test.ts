/** The control plane's port: who holds it, and what is said then. */
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { freePort, PortInUse } from "../../local/port.ts";
import { listenerOn } from "../../local/process.ts";

async function listen(): Promise<{ port: number; close: () => void }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, close: () => server.close() };
}

describe("the port", () => {
  it("is refused with the name and pid of who holds it", async () => {
    const { port, close } = await listen();
    expect(listenerOn(port)).toMatchObject({ pid: process.pid, isOrphan: false });
    await expect(freePort(port)).rejects.toThrow(PortInUse);
    await expect(freePort(port)).rejects.toThrow(`Port ${port} is in use by node (pid ${process.pid})`);
    close();
  });

  it("is free when nobody listens", async () => {
    const { port, close } = await listen();
    close();
    expect(listenerOn(port)).toBeUndefined();
    await expect(freePort(port)).resolves.toBeUndefined();
  });
});
