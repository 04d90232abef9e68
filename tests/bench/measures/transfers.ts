/** One large body in one direction, in MB a second (10^6 bytes). */
import { ratio } from "../goals.ts";
import { Connection, requestHead } from "../load/connection.ts";
import type { Comparison } from "../measure.ts";
import type { Target } from "../ways/target.ts";

const BYTES = 1024 ** 3;
const CHUNK = Buffer.alloc(256 * 1024, "roundhouse ");

export const transfers: Comparison = {
  name: "transfers",
  rows: {
    download: { title: "download of 1 GiB", unit: "MB/s", goal: ratio("ssh", { atLeast: 1 }) },
    upload: { title: "upload of 1 GiB", unit: "MB/s", goal: ratio("ssh", { atLeast: 1 }) },
  },
  measure: async (target) => ({ download: await download(target), upload: await upload(target) }),
};

async function download(target: Target): Promise<number> {
  const connection = await Connection.open(target.port);
  const begin = performance.now();
  const { bodyBytes } = await connection.exchange(requestHead(target, "GET", `/bytes?n=${BYTES}`));
  connection.close();
  return rate(bodyBytes, begin);
}

async function upload(target: Target): Promise<number> {
  const connection = await Connection.open(target.port);
  const begin = performance.now();
  const head = requestHead(target, "POST", "/sink", { "Content-Length": String(BYTES) });
  const { text } = await connection.upload(head, CHUNK, BYTES);
  connection.close();
  return rate(Number(text), begin);
}

function rate(arrived: number, begin: number): number {
  if (arrived !== BYTES) throw new Error(`${arrived} of ${BYTES} bytes arrived`);
  return arrived / 1e6 / ((performance.now() - begin) / 1000);
}
