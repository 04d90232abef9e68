/** A door in front of a server that adds headers to every request, for programs that cannot send them; all else passes as it is. */
import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class HeaderProxy {
  /** Of loopback, whatever the server's own name is. */
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  /** In front of an `http:` origin, on a free port of loopback. The caller closes it. */
  static async open(origin: string, added: Record<string, string>): Promise<HeaderProxy> {
    const { hostname, port } = new URL(origin);
    const server = createServer((asked, answer) => {
      const { method, url, headers } = asked;
      const out = { hostname, port, method, path: url, headers: { ...headers, ...added } };
      const onward = forward(out, (came) => {
        answer.writeHead(came.statusCode ?? 502, came.headers);
        came.pipe(answer);
      });
      onward.on("error", (error) => answer.destroy(error));
      // A client that goes away is gone for the server, too.
      answer.on("close", () => onward.destroy());
      asked.pipe(onward);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new HeaderProxy(server);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
