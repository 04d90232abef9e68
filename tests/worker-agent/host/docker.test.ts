/** Finding a Docker engine, with a real server on a unix socket in its place. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readDocker } from "../../../worker-agent/src/host/docker.ts";

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

describe("Docker", () => {
  it("is there with its version when the engine answers", async () => {
    const host = await engine((_request, response) => response.end('{"Version":"28.5.1","ApiVersion":"1.51"}'));
    expect(await readDocker(host)).toEqual({ available: true, version: "28.5.1" });
  });

  it.each(["<html>", "{}"])("is not there when the answer is %j", async (body) => {
    const host = await engine((_request, response) => response.end(body));
    expect(await readDocker(host)).toMatchObject({
      available: false,
      reason: expect.stringContaining("no Docker engine"),
    });
  });

  it("is not there without a socket, without a listener, or over the network, and says which", async () => {
    const dir = await mkdtemp(join(tmpdir(), "docker-"));
    await writeFile(join(dir, "file"), "");
    const reasonOf = async (host: string) => {
      const fact = await readDocker(host);
      return fact.available ? "" : fact.reason;
    };
    expect(await reasonOf(`unix://${dir}/none`)).toBe(`there is no Docker socket at ${dir}/none`);
    expect(await reasonOf(`unix://${dir}/file`)).toContain("no Docker engine listens");
    expect(await reasonOf("tcp://10.0.0.1:2375")).toContain("only unix:// sockets");
  });
});

async function engine(listener: RequestListener): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "docker-")), "docker.sock");
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(path, done));
  return `unix://${path}`;
}
