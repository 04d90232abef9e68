import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeRedactor } from "@roundhouse/protocol/redact";
import type { LogWriter } from "../../../worker-agent/src/keeper/log.ts";
import { redactedLog } from "../../../worker-agent/src/keeper/redacted-log.ts";

const MARK = "[secret]";

function openPaper() {
  const written: Uint8Array[] = [];
  const log: LogWriter = {
    write: async (bytes) => void written.push(bytes),
    note: async (text) => void written.push(Buffer.from(`── ${text} ──\n`)),
    flush: async () => undefined,
    close: async () => undefined,
  };
  return { log, bytes: () => Buffer.concat(written), text: () => Buffer.concat(written).toString() };
}

/** Writes a text in pieces of these sizes, over and over. */
async function writeIn(log: LogWriter, whole: Uint8Array, sizes: readonly number[]): Promise<void> {
  for (let at = 0, piece = 0; at < whole.length; piece++) {
    const size = sizes[piece % sizes.length] ?? 1;
    await log.write(whole.subarray(at, at + size));
    at += size;
  }
}

// Few letters, so that beginnings, repetitions and overlaps are many.
const secret = fc.string({ unit: fc.constantFrom("a", "b", "é", "🐢"), minLength: 8, maxLength: 12 });
const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "🐢", " "), maxLength: 60 });
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

describe("the log of an app with secrets", () => {
  it("[EV3] says the same whatever pieces the output comes in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        fc.array(fc.oneof(text, secret)),
        fc.boolean(),
        sizes,
        async (values, texts, echoes, pieces) => {
          const whole = `${[...texts, ...(echoes ? values : [])].join("")}\n`;
          const paper = openPaper();
          await writeIn(redactedLog(paper.log, values), Buffer.from(whole), pieces);
          expect(paper.text()).toBe(makeRedactor(values)(whole));
        },
      ),
    );
  });

  it("writes bytes that are no text as they are", async () => {
    const paper = openPaper();
    const bytes = Uint8Array.from({ length: 512 }, (_, at) => at % 256);
    await writeIn(redactedLog(paper.log, ["an unrelated secret"]), bytes, [7]);
    expect([...paper.bytes()]).toEqual([...bytes]);
  });

  it("holds back no more than what may become a secret, until it is told that nothing comes", async () => {
    const paper = openPaper();
    const log = redactedLog(paper.log, ["sesame-open"]);
    await log.write(Buffer.from("password: ses"));
    expect(paper.text()).toBe("password: ");
    await log.flush();
    expect(paper.text()).toBe("password: ses");
    await log.write(Buffer.from("ses"));
    await log.write(Buffer.from("ame street, sesame-o"));
    await log.note("it ended");
    expect(paper.text()).toBe(`password: sessesame street, ${MARK}── it ended ──\n`);
  });

  it("is the log itself where there are none", () => {
    const { log } = openPaper();
    expect(redactedLog(log, [])).toBe(log);
  });
});
