/** Saves a whole log as a file, byte for byte, not only the part the page holds. */
import type { Logs } from "@roundhouse/protocol/api/instance";
import { call } from "../api/call.ts";
import { openSocket } from "../live/socket.ts";
import { LogOffset } from "./offset.ts";

/** Ends when the file is handed to the browser. @throws {ApiError} when the node does not answer. */
export async function downloadLog(path: string, fileName: string): Promise<void> {
  const { size } = await call<Logs>("GET", `${path}?offset=-1`);
  const url = URL.createObjectURL(new Blob(await readTo(path, size), { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Over the socket, because JSON would spoil what is not UTF-8. */
function readTo(path: string, size: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const offset = new LogOffset(0);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  return new Promise((resolve) => {
    if (size === 0) return resolve(parts);
    const close = openSocket({
      path: () => {
        offset.reconnect();
        return `${path}?offset=${offset.next}&follow=1`;
      },
      onState: () => undefined,
      onText: (text) => void offset.announce((JSON.parse(text) as { offset: number }).offset),
      onBytes: (bytes) => {
        for (const piece of offset.receive(bytes)) {
          if (piece.kind === "bytes") parts.push(new Uint8Array(piece.bytes));
        }
        if (offset.next < size) return;
        close();
        resolve(parts);
      },
    });
  });
}
