/** A loopback web server for files by path: what nodejs.org and a control plane offer to a new machine. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type FileServer = {
  url: string;
  /** By path; changed while it serves. */
  files: Map<string, Buffer | string>;
  /** Paths whose connection breaks in the middle of the file. */
  cut: Set<string>;
  /** The paths asked for so far. */
  asked: string[];
  close(): void;
};

export async function serveFiles(files: Iterable<[string, Buffer | string]>): Promise<FileServer> {
  const server: Omit<FileServer, "url" | "close"> = { files: new Map(files), cut: new Set(), asked: [] };
  const http = createServer((request, response) => {
    const path = request.url ?? "";
    server.asked.push(path);
    const file = server.files.get(path);
    if (file === undefined) return void response.writeHead(404).end("no such file\n");
    const body = Buffer.from(file);
    response.writeHead(200, { "Content-Length": body.length });
    if (!server.cut.has(path)) return void response.end(body);
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const close = (): void => {
    http.closeAllConnections();
    http.close();
  };
  return { ...server, url: `http://127.0.0.1:${port}`, close };
}
