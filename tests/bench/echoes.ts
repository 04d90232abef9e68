/** Round trips of one WebSocket message at a time. */
import WebSocket from "ws";
import { percentile } from "./stats.ts";
import type { Target } from "./target.ts";

export type EchoFigures = { p50Ms: number; p99Ms: number };

export async function measureEchoes(target: Target, messageBytes: number, count: number): Promise<EchoFigures> {
  const socket = new WebSocket(`ws://127.0.0.1:${target.port}/`, { headers: target.headers, perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const message = Buffer.alloc(messageBytes, 7);
  const tookMs: number[] = [];
  for (let sent = 0; sent < count; sent++) {
    const begin = performance.now();
    const answered = new Promise<void>((resolve) => socket.once("message", () => resolve()));
    socket.send(message);
    await answered;
    tookMs.push(performance.now() - begin);
  }
  socket.terminate();
  return { p50Ms: percentile(tookMs, 50), p99Ms: percentile(tookMs, 99) };
}
