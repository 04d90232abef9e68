/** One large body in one direction. Answers MB a second (10^6 bytes). */
import type { ClientRequest } from "node:http";
import { countBytes, exchange, type Target } from "./target.ts";

const CHUNK = Buffer.alloc(64 * 1024, "roundhouse ");

export async function measureDownload(target: Target, bytes: number): Promise<number> {
  const begin = performance.now();
  const response = await exchange(target, { path: `/bytes?n=${bytes}`, agent: false }, (request) => request.end());
  return rate(await countBytes(response), bytes, begin);
}

export async function measureUpload(target: Target, bytes: number): Promise<number> {
  const begin = performance.now();
  const send = (request: ClientRequest): void => void writeAll(request, bytes);
  const response = await exchange(target, { method: "POST", path: "/", agent: false }, send);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return rate(Number(Buffer.concat(chunks).toString()), bytes, begin);
}

async function writeAll(request: ClientRequest, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= CHUNK.length) {
    const hasRoom = request.write(CHUNK.subarray(0, Math.min(left, CHUNK.length)));
    if (!hasRoom) await new Promise((resolve) => request.once("drain", resolve));
  }
  request.end();
}

function rate(got: number, wanted: number, begin: number): number {
  if (got !== wanted) throw new Error(`${got} of ${wanted} bytes arrived`);
  return got / 1e6 / ((performance.now() - begin) / 1000);
}
