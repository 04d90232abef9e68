/** The small words of the protocol: versions, messages, close codes, tokens, slugs, blueprint headers. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_NEEDS, parseBashMetadata } from "@roundhouse/protocol/blueprint";
import { LINK_CLOSE, retryAfterClose } from "@roundhouse/protocol/close-codes";
import { fromBase64url, base64url, hashSecret, newId, newSecret } from "@roundhouse/protocol/ids";
import { decodeJoinToken, encodeJoinToken } from "@roundhouse/protocol/join-token";
import { parseAgentMessage, parseControlMessage } from "@roundhouse/protocol/messages";
import { freeSlug, slugify } from "@roundhouse/protocol/slug";
import { agreeVersion } from "@roundhouse/protocol/version";

describe("versions", () => {
  it("[VS1] both speak the newest version that both know", () => {
    expect(agreeVersion({ current: 3, oldest: 1 }, { current: 2, oldest: 1 })).toBe(2);
    expect(agreeVersion({ current: 2, oldest: 2 }, { current: 4, oldest: 2 })).toBe(2);
  });

  it("[VS2] ranges that do not meet have no version", () => {
    expect(agreeVersion({ current: 3, oldest: 3 }, { current: 2, oldest: 1 })).toBeUndefined();
    expect(agreeVersion({ current: 1, oldest: 1 }, { current: 3, oldest: 2 })).toBeUndefined();
  });
});

describe("control messages", () => {
  it("[VS3] an unknown type is told apart from a malformed message", () => {
    expect(parseAgentMessage('{"type":"agent.later","x":1}')).toEqual({
      ok: false,
      why: "unknown_type",
      type: "agent.later",
    });
    expect(parseAgentMessage('{"type":"agent.hello"}')).toMatchObject({ ok: false, why: "malformed" });
    expect(parseControlMessage("not json")).toMatchObject({ ok: false, why: "malformed" });
    expect(parseControlMessage("null")).toMatchObject({ ok: false, why: "malformed" });
  });

  it("[VS3] unknown keys are tolerated, and counted", () => {
    const text = '{"type":"agent.need_blueprint","digest":"d","later":[1]}';
    expect(parseAgentMessage(text)).toEqual({
      ok: true,
      message: { type: "agent.need_blueprint", digest: "d" },
      unknownKeys: 1,
    });
  });

  it("[FR8] no text makes the parser throw", () => {
    fc.assert(fc.property(fc.string(), (input) => typeof parseControlMessage(input).ok === "boolean"));
    fc.assert(fc.property(fc.json(), (input) => typeof parseAgentMessage(input).ok === "boolean"));
  });
});

describe("close codes", () => {
  it("[CL1] every reason has its own code in the private range", () => {
    const codes = Object.values(LINK_CLOSE).map((rule) => rule.code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.every((code) => code >= 4000 && code <= 4999)).toBe(true);
  });

  it("[CL1] a removed node never dials again, an unknown code is a passing fault", () => {
    expect(retryAfterClose(LINK_CLOSE.removed.code)).toBe("never");
    expect(retryAfterClose(1006)).toBe("soon");
  });
});

describe("ids and tokens", () => {
  it("makes ids and secrets that scanners recognise", () => {
    expect(newId("instance")).toMatch(/^in_[0-9a-hjkmnp-tv-z]{12}$/);
    expect(newSecret("apiKey")).toMatch(/^rhk_[A-Za-z0-9_-]{43}$/);
  });

  it("hashes a secret with SHA-256", async () => {
    expect(await hashSecret("abc")).toBe("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  });

  it("base64url round-trips any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64url(base64url(bytes))).toEqual(bytes);
      }),
    );
  });

  it("a join token carries the control plane's address", () => {
    const secret = newSecret("joinToken");
    const text = encodeJoinToken({ url: "https://pool.example.com", secret });
    expect(decodeJoinToken(`  ${text}\n`)).toEqual({ url: "https://pool.example.com", secret });
  });

  it("text that is no join token is refused without a crash", () => {
    fc.assert(fc.property(fc.string(), (input) => decodeJoinToken(input) === undefined));
    expect(decodeJoinToken(`rhj_${"a".repeat(43)}.%%%`)).toBeUndefined();
    expect(decodeJoinToken(`rhj_${"a".repeat(43)}.bm90LWEtdXJs`)).toBeUndefined();
  });
});

describe("slugs", () => {
  it("any name becomes one DNS label without a double dash", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        const slug = slugify(name);
        expect(slug).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,42}[a-z0-9])?$/);
        expect(slug).not.toContain("--");
      }),
    );
  });

  it("keeps what people expect", () => {
    expect(slugify("My.App__2")).toBe("my-app-2");
    expect(slugify("Café Ünïcode")).toBe("cafe-unicode");
    expect(slugify("★")).toBe("instance");
    expect(slugify("API")).toBe("api-1");
  });

  it("counts on when a slug is taken", () => {
    expect(freeSlug("hello", new Set(["hello", "hello-2"]))).toBe("hello-3");
  });
});

describe("bash metadata", () => {
  const block =
    "### AIKORE-METADATA-START ###\n# aikore.name = Comfy = UI\n# aikore.venv_type = conda\n### AIKORE-METADATA-END ###\n";

  it("is found before the shebang and behind a junk first line", () => {
    expect(parseBashMetadata(`${block}#!/bin/bash\n`)?.name).toBe("Comfy = UI");
    expect(parseBashMetadata(`--- App.sh ---\n#!/bin/bash\n${block}`)?.venvType).toBe("conda");
  });

  it("has defaults for what a script leaves out", () => {
    expect(parseBashMetadata(block)).toMatchObject({ description: null, category: null, venvPath: "./env" });
  });

  it("states what the blueprint needs of a node, under either name", () => {
    const needs = [
      "# aikore.needs_gpu = NVIDIA",
      "# aikore.needs_gpu_memory = 8GiB",
      "# roundhouse.needs_disk = 1.5 TB",
      "# roundhouse.needs_docker = yes",
      "# aikore.needs_platform = x64, arm64 | local",
    ];
    const source = block.replace("### AIKORE-METADATA-END", `${needs.join("\n")}\n### AIKORE-METADATA-END`);
    expect(parseBashMetadata(source)).toMatchObject({
      problems: [],
      needs: {
        gpu: "nvidia",
        gpuMemoryBytes: 8 * 1024 ** 3,
        diskBytes: 1.5e12,
        docker: true,
        platforms: ["x64", "arm64", "local"],
      },
    });
    expect(parseBashMetadata(block)?.needs).toEqual(NO_NEEDS);
  });

  it("names each need that cannot be understood, and takes it as not stated", () => {
    const bad = "# aikore.needs_gpu = rtx\n# aikore.needs_disk = lots\n# aikore.needs_docker = maybe\n";
    const metadata = parseBashMetadata(block.replace("### AIKORE-METADATA-END", `${bad}### AIKORE-METADATA-END`));
    expect(metadata?.needs).toEqual(NO_NEEDS);
    expect(metadata?.problems).toEqual([
      'needs_gpu: "rtx" is not one of any, nvidia, amd, intel',
      'needs_disk: "lots" is not a size such as 20GiB',
      'needs_docker: "maybe" is not yes or no',
    ]);
  });

  it("is undefined without a whole block", () => {
    expect(parseBashMetadata("#!/bin/bash\necho hi\n")).toBeUndefined();
    expect(parseBashMetadata("### AIKORE-METADATA-START ###\n# aikore.name = x\n")).toBeUndefined();
  });
});
