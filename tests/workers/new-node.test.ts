/** What a machine fetches before it is a node, from the whole Worker with the assets that were built. */
import { beforeAll, describe, expect, it } from "vitest";
import { ORIGIN, worker } from "./objects/worker.ts";

const get = (path: string, init: RequestInit = {}) => worker.fetch(ORIGIN + path, { redirect: "manual", ...init });

// The first request loads the whole Worker.
beforeAll(async () => void (await get("/health")), 60_000);

async function listed(): Promise<{ sum: string; file: string }> {
  const [sum = "", file = ""] = (await (await get("/agent/SHASUMS256.txt")).text()).trim().split("  ");
  return { sum, file };
}

async function sha256(response: Response): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await response.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("a machine that is no node yet", () => {
  it("[JN1] gets install.sh without sign-in, with this control plane's address in it", async () => {
    const response = await get("/install.sh");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/x-shellscript; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    const text = await response.text();
    expect(text).toMatch(/^#!\/bin\/sh\n/);
    expect(text).toContain(`CONTROL_PLANE='${ORIGIN}'`);
    expect(text).not.toContain("@PUBLIC_URL@");
  });

  it("[JN1] gets the agent that matches this control plane, as its checksum says, and may keep it", async () => {
    const { sum, file } = await listed();
    expect(file).toMatch(/^worker-agent-\d+\.\d+\.\d+-[0-9a-f]{8}\.tgz$/);
    const response = await get(`/agent/${file}`);
    expect(response.headers.get("content-type")).toBe("application/gzip");
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(await sha256(response)).toBe(sum);
    expect(sum).toContain(/-([0-9a-f]{8})\.tgz$/.exec(file)?.[1]);
    const etag = response.headers.get("etag") ?? "";
    expect((await get(`/agent/${file}`, { headers: { "If-None-Match": etag } })).status).toBe(304);
    const head = await get(`/agent/${file}`, { method: "HEAD" });
    expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([200, 0]);
  });

  it("[JN1] is led from the name of another build to today's", async () => {
    const response = await get("/agent/worker-agent-0.0.1-00000000.tgz");
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe(`/agent/${(await listed()).file}`);
  });

  it("hears where the package is when it asks for something else", async () => {
    const response = await get("/agent/other.txt");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { code: "not_found", hint: expect.stringContaining((await listed()).file) },
    });
  });

  it("cannot write any of it", async () => {
    for (const path of ["/install.sh", "/agent/SHASUMS256.txt"]) {
      const response = await get(path, { method: "PUT", body: "x" });
      expect(response.status).toBe(405);
    }
  });
});
