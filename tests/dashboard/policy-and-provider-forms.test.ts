/** The forms of a node's tool policy and of a provider send what they show, and errors find their field. */
import { describe, expect, it } from "vitest";
import { NewProvider, type Provider } from "@roundhouse/protocol/api/provider";
import { Policy } from "@roundhouse/protocol/policy";
import { ApiError } from "../../dashboard/src/api/errors.ts";
import { errorUnder, pathErrors } from "../../dashboard/src/api/field-errors.ts";
import { moved, policyDraft, policyOf, policyWords } from "../../dashboard/src/nodes/policy-draft.ts";
import { providerBody, providerDraft } from "../../dashboard/src/providers/draft.ts";
import { PRESETS } from "../../dashboard/src/providers/presets.ts";

describe("a tool policy", () => {
  const policy = Policy.parse({
    ...{ default: "ask", execCommand: false },
    rules: [
      { tool: "*_file", where: { path: "workspace/*", mode: "append" }, decision: "allow" },
      { tool: "system_stats", decision: "allow" },
    ],
  });

  it("comes back from its form as it was", () => {
    expect(policyOf(policyDraft(policy))).toEqual(policy);
  });

  it("leaves out arguments without a name", () => {
    const rule = { tool: "*", decision: "deny" as const, where: [{ name: " ", pattern: "x" }] };
    expect(policyOf({ ...policyDraft(policy), rules: [rule] }).rules).toEqual([{ tool: "*", decision: "deny" }]);
  });

  it("moves rules, but none over an end", () => {
    expect(moved(["a", "b", "c"], 2, 1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 2)).toEqual(["a", "b"]);
  });

  it("is said in a line", () => {
    expect(policyWords(policy)).toBe("tools ask first, programs off, 2 rules");
    expect(policyWords({ default: "deny", execCommand: true, rules: [] })).toBe("no tools for jobs, programs on");
  });
});

describe("a provider", () => {
  const provider: Provider = {
    ...{ id: "pr_1", name: "OpenAI", baseUrl: "https://api.openai.com/v1", secret: "KEY", viaNode: null },
    ...{ toolCalls: "auto", prices: { "*": { input: 0.25, output: 2 } }, createdAt: "2026-01-01T00:00:00Z" },
  };

  it("comes back from its form as it was, without prices for no model", () => {
    const draft = providerDraft(provider);
    const body = providerBody({ ...draft, prices: [...draft.prices, { model: " ", input: "1", output: "1" }] });
    const { id: _, createdAt: _made, ...fields } = provider;
    expect(body).toEqual(fields);
  });

  it("sends a price that is no number as it was typed", () => {
    const body = providerBody({ ...providerDraft(provider), prices: [{ model: "m", input: "free", output: "2" }] });
    expect(body.prices).toEqual({ m: { input: "free", output: 2 } });
  });

  it("has presets that the API takes", () => {
    for (const { name, baseUrl } of PRESETS.filter(({ id }) => id !== "other")) {
      expect(NewProvider.safeParse({ name, baseUrl }).error).toBeUndefined();
    }
  });
});

describe("errors of fields within fields", () => {
  it("are found by their path, as a list or by name", () => {
    const details = [
      { path: ["triggers", "0", "secrets", 1], message: "no such secret" },
      { path: "limits.turns", message: "a number" },
    ];
    const errors = pathErrors(new ApiError(400, "invalid_input", "Bad.", undefined, details));
    expect(errors).toEqual({ "triggers.0.secrets.1": "no such secret", "limits.turns": "a number" });
    expect(errorUnder(errors, "triggers.0.secrets")).toBe("no such secret");
    expect(errorUnder(errors, "triggers.1")).toBeUndefined();
    expect(errorUnder(errors, "limits.turn")).toBeUndefined();
    expect(pathErrors(new ApiError(400, "invalid_input", "Bad.", undefined, { "policy.default": "wider" }))).toEqual({
      "policy.default": "wider",
    });
  });
});
