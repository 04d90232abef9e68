/** Makes sure that the control plane's port is free, ending an orphan of our own runtime that still holds it. */
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { listenerOn } from "./process.ts";

const WAIT_LIMIT_MS = 3_000;

/** Somebody else listens on the port. */
export class PortInUse extends Error {}

/** When the process that runs miniflare is killed hard, its workerd goes on holding the port: that one we end. */
export async function freePort(port: number): Promise<void> {
  const holder = listenerOn(port);
  if (holder?.program === "workerd" && holder.isOrphan) process.kill(holder.pid, "SIGKILL");
  for (const limit = Date.now() + WAIT_LIMIT_MS; Date.now() < limit; await sleep(50)) {
    if (await canListen(port)) return;
    if (holder && !holder.isOrphan) break;
  }
  const who = holder ? ` by ${holder.program} (pid ${holder.pid})` : "";
  throw new PortInUse(`Port ${port} is in use${who}. Stop it, or set PORT to another one.`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
