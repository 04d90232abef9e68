/** A request that its app thinks about for minutes. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTunnel, type Tunnel } from "../e2e/tunnel.ts";

const SILENCE_MS = 300_000;

let tunnel: Tunnel;
beforeAll(async () => {
  tunnel = await openTunnel();
});
afterAll(() => tunnel?.close());

test(
  "[ST12] a request on which nothing is heard for 300 s is answered",
  async () => {
    const path = tunnel.serve((_request, response) => setTimeout(() => response.end("after a long time"), SILENCE_MS));
    expect((await tunnel.ask(path)).text).toBe("after a long time");
  },
  SILENCE_MS + 60_000,
);
