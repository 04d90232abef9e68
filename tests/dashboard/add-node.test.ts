/** What the page for adding a node says: lines, tokens, and what a machine is like. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JoinToken } from "@roundhouse/protocol/api/join";
import type { Hosting } from "@roundhouse/protocol/facts";
import { tokenState, workingTokens } from "../../dashboard/src/nodes/add/token-state.ts";
import { gpuWords, hostingRows, modeWords } from "../../dashboard/src/nodes/hosting-words.ts";
import { DEFAULT_WAY, findWay, JOIN_WAYS } from "../../dashboard/src/nodes/join-lines.ts";

const LINES = {
  install: {
    script: "curl -fsSL https://pool.example.com/install.sh | sh -s -- --token T",
    npx: "npx --yes https://pool.example.com/agent/worker-agent-0.1.0-0123abcd.tgz --token T",
  },
};
const textOf = (id: string): string =>
  findWay(id)
    .steps(LINES)
    .map(({ text }) => text)
    .join("\n");

describe("the lines to join with", () => {
  it("all carry a whole line of the control plane", () => {
    for (const { id } of JOIN_WAYS) {
      const text = textOf(id);
      expect(text.includes(LINES.install.script) || text.includes(LINES.install.npx), id).toBe(true);
    }
  });

  it("begin with one that works on any Linux machine, also for a way that is not known", () => {
    expect(DEFAULT_WAY.id).toBe("linux");
    expect(textOf("linux")).toBe(LINES.install.script);
    expect(findWay("gone")).toBe(DEFAULT_WAY);
  });

  it("are cells in notebooks, which end once the node is connected", () => {
    for (const id of ["colab", "kaggle", "jupyter"]) expect(textOf(id)).toBe(`!${LINES.install.script} --background`);
  });

  it("come after the rule where the platform has one", () => {
    expect(JOIN_WAYS.filter(({ rule }) => rule !== undefined).map(({ id }) => id)).toEqual(["colab", "kaggle"]);
    expect(findWay("colab").rule).toContain("stay off until an admin confirms");
  });

  it("let a RunPod template go on to the image's own start", () => {
    expect(textOf("runpod")).toBe(`bash -c '${LINES.install.script} --background & exec /start.sh'`);
  });
});

describe("docs/join.md", () => {
  it("shows the lines that the page shows", async () => {
    const text = await readFile(join(import.meta.dirname, "../../docs/join.md"), "utf8");
    for (const { id } of JOIN_WAYS) expect(text, id).toContain(textOf(id));
  });
});

describe("a join token", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  const token = (change: Partial<JoinToken>): JoinToken => ({
    ...{ id: "jt_1", name: null, uses: 2, usesLeft: 1 },
    ...{ createdAt: "2026-01-01T11:00:00Z", expiresAt: "2026-01-01T13:00:00Z" },
    ...change,
  });

  it("works until it is used up, has expired or was revoked", () => {
    expect(tokenState(token({}), now)).toBe("works");
    expect(tokenState(token({ usesLeft: 0 }), now)).toBe("used-up");
    expect(tokenState(token({ expiresAt: "2026-01-01T12:00:00Z" }), now)).toBe("expired");
    expect(tokenState(undefined, now)).toBe("revoked");
  });

  it("is listed while it works, the newest first", () => {
    const all = [token({ id: "a" }), token({ id: "b", usesLeft: 0 }), token({ id: "c" })];
    expect(workingTokens(all, now).map(({ id }) => id)).toEqual(["c", "a"]);
  });
});

describe("a node's hosting", () => {
  const hosting: Hosting = {
    ...{ detectedBy: "environment", evidence: "RUNPOD_POD_ID", root: true, container: true, inboundPorts: "some" },
    ...{ persistentRoot: "/workspace", survivesStop: "persistent-root", idleLimitMinutes: 90, timeLimitHours: 12 },
    ...{ apps: { policy: "allowed" }, mode: { mode: "full" } },
  };

  it("is told in plain words", () => {
    expect(Object.fromEntries(hostingRows("runpod", { hosting }))).toEqual({
      Platform: "RunPod (by the variable RUNPOD_POD_ID)",
      "After a stop": "Only /workspace is still there.",
      Time: "at most 12 hours at a stretch, stopped after about 90 minutes idle",
      "Inbound ports": "some; none is used",
      Rights: "root, in a container",
    });
  });

  it("is the platform alone where an older agent tells no more", () => {
    expect(hostingRows("somewhere", {})).toEqual([["Platform", "somewhere"]]);
  });

  it("is a matter for a notice only when the node cannot do everything", () => {
    expect(modeWords(undefined)).toBeUndefined();
    expect(modeWords(hosting)).toBeUndefined();
    const words = modeWords({ ...hosting, mode: { mode: "minimal", reason: "1 GiB is free." } });
    expect(words?.title).toMatch(/^Minimal/);
    expect(words?.reason).toBe("1 GiB is free.");
  });

  it("counts GPUs", () => {
    const gpu = { index: 0, id: "GPU-1", vendor: "nvidia", name: "RTX 4090", memoryTotalBytes: 1 } as const;
    expect([gpuWords([]), gpuWords([gpu]), gpuWords([gpu, gpu])]).toEqual(["no GPU", "RTX 4090", "2 × RTX 4090"]);
  });
});
