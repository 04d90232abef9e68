import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { linked, startApp } from "./gateway.ts";

describe("a large answer", () => {
  it("[ST3] arrives whole beside others of any size and framing, though the memory it is read into is used again", async () => {
    const sizes = [3_000_000, 1_048_576, 1_048_575, 200_000, 5_000_000, 2_000_001];
    const bodies = sizes.map((size) => randomBytes(size));
    const { port } = await startApp((request, response) => {
      const [, index, framing] = (request.url ?? "").split("/");
      const body = bodies[Number(index)] ?? Buffer.alloc(0);
      if (framing === "length") response.setHeader("content-length", body.length);
      response.write(body.subarray(0, 1000));
      setTimeout(() => response.end(body.subarray(1000)), 5);
    });
    const peer = await linked([port]);
    const paths = bodies.flatMap((_, index) => [`/${index}/length`, `/${index}/chunked`]);
    for (const [index, path] of paths.entries()) peer.open(port, { path }, index + 1);
    for (const index of paths.keys()) peer.frame({ type: "credit", stream: index + 1, offset: 6_000_000 });
    for (const index of paths.keys()) {
      const stream = index + 1;
      await peer.nextFrame("end", stream);
      const got = Buffer.concat(peer.frames("data", stream).map(({ bytes }) => bytes));
      expect(got.equals(bodies[index >> 1] ?? Buffer.alloc(0))).toBe(true);
    }
  });

  it("[ST4] resets when a large answer breaks off, and takes no more of it than its length", async () => {
    const { port } = await startApp((request, { socket }) => {
      socket?.write("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n");
      socket?.write(Buffer.alloc(1_500_000, 1));
      if (request.url === "/short") socket?.end();
      else socket?.end(Buffer.alloc(700_000, 2));
    });
    const peer = await linked([port]);
    peer.open(port, { path: "/short" }, 1);
    peer.open(port, { path: "/long" }, 2);
    for (const stream of [1, 2]) peer.frame({ type: "credit", stream, offset: 9_000_000 });
    expect(await peer.nextFrame("reset", 1)).toMatchObject({ code: "unreachable" });
    expect(peer.frames("end", 1)).toEqual([]);
    await peer.nextFrame("end", 2);
    expect(peer.frames("data", 2).reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(2_000_000);
  });
});
