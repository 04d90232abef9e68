/** Saves a whole log as a file, not only the part the page holds. */
import type { Logs } from "@roundhouse/protocol/api";
import { call } from "../api/call.ts";

export async function downloadLog(instanceId: string, fileName: string): Promise<void> {
  const parts: string[] = [];
  let offset = 0;
  for (;;) {
    const piece = await call<Logs>("GET", `/api/instances/${instanceId}/logs?offset=${offset}`);
    parts.push(piece.content);
    const end = piece.offset + new TextEncoder().encode(piece.content).length;
    if (piece.content === "" || end <= offset || end >= piece.size) break;
    offset = end;
  }
  const url = URL.createObjectURL(new Blob(parts, { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
