/** A door in front of a house that adds a bearer to every request, for programs that cannot send one; all else passes as it is. */
import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class BearerProxy {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  /** On a free port of loopback. The caller closes it. */
  static async open(port: number, bearer: string): Promise<BearerProxy> {
    const server = createServer((asked, answer) => {
      const { method, url, headers } = asked;
      const out = { port, method, path: url, headers: { ...headers, authorization: `Bearer ${bearer}` } };
      const onward = forward(out, (came) => {
        answer.writeHead(came.statusCode ?? 502, came.headers);
        came.pipe(answer);
      });
      onward.on("error", (error) => answer.destroy(error));
      // A client that goes away is gone for the house, too.
      answer.on("close", () => onward.destroy());
      asked.pipe(onward);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new BearerProxy(server);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
