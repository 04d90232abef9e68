import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JobLimits } from "@roundhouse/protocol/api/job";
import { deadlineOf, paused, resumed } from "../../../../workers/objects/job-run/clock.ts";
import { parseFenced, sayFenced } from "../../../../workers/objects/job-run/fenced.ts";
import { add, costOf, estimateTokens, NOTHING, reserve, spend } from "../../../../workers/objects/job-run/limits.ts";
import { adapted, FIRST_MANNER } from "../../../../workers/objects/job-run/manner.ts";
import { next, type View } from "../../../../workers/objects/job-run/next.ts";
import { toolDefinitions } from "../../../../workers/objects/job-run/toolbox.ts";
import { NATIVE_TOOL_NAMES } from "@roundhouse/protocol/tools";

const price = fc.record({
  input: fc.double({ min: 0, max: 100, noNaN: true }),
  output: fc.double({ min: 0, max: 100, noNaN: true }),
});

describe("limits", () => {
  it("are never passed by what is set aside, whatever questions and prices come", () => {
    const turn = fc.record({ promptTokens: fc.nat(50_000), price, share: fc.double({ min: 0, max: 1, noNaN: true }) });
    const limits = fc.record({
      tokens: fc.integer({ min: 1, max: 200_000 }),
      money: fc.option(fc.double({ min: 0, max: 5, noNaN: true })),
    });
    fc.assert(
      fc.property(limits, fc.array(turn, { maxLength: 40 }), (caps, turns) => {
        let spent = NOTHING;
        for (const { share, ...asking } of turns) {
          const reservation = reserve({ limits: caps, spent, maxOutputTokens: 16_384, ...asking });
          if ("over" in reservation) continue;
          const { inputTokens, outputTokens } = reservation.reserved;
          const whole = add(spent, reservation.reserved);
          expect(whole.inputTokens + whole.outputTokens).toBeLessThanOrEqual(caps.tokens);
          if (caps.money !== null) expect(whole.money).toBeLessThanOrEqual(caps.money * (1 + 1e-12));
          spent = add(spent, spend(asking.price, inputTokens, Math.floor(outputTokens * share)));
        }
      }),
    );
  });

  it("let as much be said as both of them allow", () => {
    const asking = { spent: NOTHING, price: { input: 0, output: 10 }, promptTokens: 100, maxOutputTokens: 16_384 };
    const reservation = reserve({ ...asking, limits: { tokens: 100_000, money: 0.01 } });
    expect("reserved" in reservation && reservation.reserved.outputTokens).toBe(999);
    expect(reserve({ ...asking, limits: { tokens: 110, money: null } })).toEqual({ over: "token_limit" });
    expect(costOf({ input: 1, output: 2 }, 1_000_000, 500_000)).toBe(2);
  });

  it("count a question by its size, until a provider has counted one", () => {
    expect(estimateTokens(3_000, undefined)).toBe(1_000);
    expect(estimateTokens(3_300, { bytes: 3_000, tokens: 700 })).toBe(800);
  });
});

describe("the clock", () => {
  it("stands still while a person is waited for", () => {
    const waiting = paused({ usedMs: 0, sinceMs: 1_000 }, 31_000);
    expect(deadlineOf(waiting, 1)).toBeNull();
    expect(deadlineOf(resumed(waiting, 9_000_000), 1)).toBe(9_030_000);
  });
});

describe("blocks of text", () => {
  it("are read as they are said, whatever the arguments hold", () => {
    const args = fc.dictionary(
      fc.string(),
      fc.string().filter((text) => !text.includes("```")),
    );
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), args, (name, said) => {
        const call = { id: "block_1", name, arguments: JSON.parse(JSON.stringify(said)) as Record<string, unknown> };
        fc.pre(!JSON.stringify(call).includes("```"));
        expect(parseFenced(`Now:\n${sayFenced(call)}`)).toEqual([call]);
      }),
    );
  });

  it("are part of the answer when they are no calls", () => {
    expect(parseFenced('```json\n{"free": 12}\n```')).toEqual([]);
    expect(parseFenced('```tool_call\n{"tool": "read_file", "arguments": {\n```')).toMatchObject([
      { name: "read_file", arguments: expect.any(String) },
    ]);
  });
});

describe("what is next", () => {
  const view: View = {
    ...{ isOver: false, isGrounded: true, limits: JobLimits.parse({}), clock: { usedMs: 0, sinceMs: 0 } },
    ...{ rows: [], duties: [], hasLooked: true, now: 1_000 },
  };

  it("is what is owed, then the end, then the ground, then a turn", () => {
    expect(next({ ...view, duties: [{ name: "report", at: 1, attempts: 0 }], isOver: true })).toEqual({
      do: "duties",
      names: ["report"],
    });
    expect(next({ ...view, isOver: true })).toEqual({ do: "rest", until: null });
    expect(next({ ...view, isGrounded: false })).toEqual({ do: "prepare" });
    expect(next(view)).toEqual({ do: "ask", row: null });
  });

  it("is the end when its time is up", () => {
    expect(next({ ...view, now: 30 * 60_000 })).toMatchObject({ do: "fail", code: "time_limit" });
  });
});

describe("a provider's refusal", () => {
  it("leads to another manner at most a few times", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("max_completion_tokens", "stream_options", "max_tokens is too large", "tools", "no"), {
          maxLength: 30,
        }),
        (words) => {
          let manner = FIRST_MANNER;
          let changes = 0;
          for (const word of words) {
            const other = adapted(manner, word, true);
            if (other) changes += 1;
            manner = other ?? manner;
          }
          expect(changes).toBeLessThanOrEqual(6);
        },
      ),
    );
  });
});

it("every native tool can be described to a model", () => {
  const nodes = [
    { id: "1", name: "one" },
    { id: "2", name: "two" },
  ];
  for (const { parameters } of toolDefinitions(NATIVE_TOOL_NAMES, { nodes, system: "", task: "" })) {
    expect(parameters).toMatchObject({ type: "object", properties: { node: { enum: ["one", "two"] } } });
  }
});
