/** Round trips of one WebSocket message at a time. */
import WebSocket from "ws";
import { ratio } from "../goals.ts";
import { percentile } from "../load/stats.ts";
import type { Comparison } from "../measure.ts";
import type { Target } from "../ways/target.ts";

const COUNT = 3_000;
const WARM_UP = 200;
const goal = ratio("ssh", { atMost: 1.5 });

export const echoes: Comparison = {
  name: "echoes",
  rows: {
    textP50: { title: "WebSocket echo, text of 64 B, p50", unit: "ms", goal },
    textP99: { title: "WebSocket echo, text of 64 B, p99", unit: "ms" },
    smallP50: { title: "WebSocket echo, 1 KiB, p50", unit: "ms", goal },
    smallP99: { title: "WebSocket echo, 1 KiB, p99", unit: "ms" },
    largeP50: { title: "WebSocket echo, 64 KiB, p50", unit: "ms", goal },
    largeP99: { title: "WebSocket echo, 64 KiB, p99", unit: "ms" },
  },
  measure: async (target) => {
    const text = await measureEchoes(target, "x".repeat(64));
    const small = await measureEchoes(target, Buffer.alloc(1024, 7));
    const large = await measureEchoes(target, Buffer.alloc(64 * 1024, 7));
    return {
      ...{ textP50: text.p50Ms, textP99: text.p99Ms },
      ...{ smallP50: small.p50Ms, smallP99: small.p99Ms },
      ...{ largeP50: large.p50Ms, largeP99: large.p99Ms },
    };
  },
};

async function measureEchoes(target: Target, message: string | Buffer): Promise<{ p50Ms: number; p99Ms: number }> {
  const socket = await openEcho(target);
  const tookMs: number[] = [];
  try {
    for (let sent = 0; sent < WARM_UP + COUNT; sent++) {
      const begin = performance.now();
      await echo(socket, message);
      if (sent >= WARM_UP) tookMs.push(performance.now() - begin);
    }
  } finally {
    socket.terminate();
  }
  return { p50Ms: percentile(tookMs, 50), p99Ms: percentile(tookMs, 99) };
}

function openEcho({ port, headers }: Target): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers, perMessageDeflate: false });
  return new Promise((resolve, reject) => socket.once("open", () => resolve(socket)).once("error", reject));
}

/** The answer must be of the message's kind and length. */
function echo(socket: WebSocket, message: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (code: number): void => reject(new Error(`closed with ${code}`));
    socket.once("close", onClose);
    socket.once("message", (data: Buffer, isBinary) => {
      socket.off("close", onClose);
      if (data.length === message.length && isBinary === (typeof message !== "string")) resolve();
      else reject(new Error(`${data.length} bytes came back for ${message.length}`));
    });
    socket.send(message);
  });
}
