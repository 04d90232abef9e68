/** What the pages of jobs say: schedules, triggers, nodes, times, and what a form sends. */
import { describe, expect, it } from "vitest";
import { Job, NewJob } from "@roundhouse/protocol/api/job";
import { NATIVE_TOOL_NAMES } from "@roundhouse/protocol/tools";
import type { Node } from "@roundhouse/protocol/api/node";
import { bodyOf, draftOf, replacedAt, schemaProblem, withDecision } from "../../dashboard/src/jobs/draft.ts";
import { EXAMPLES } from "../../dashboard/src/jobs/examples.ts";
import { localTime } from "../../dashboard/src/jobs/local-time.ts";
import { labelRefs, lostRefs, reachedNodes, refWords } from "../../dashboard/src/jobs/node-refs.ts";
import { scheduleWords } from "../../dashboard/src/jobs/schedule-words.ts";
import { TOOL_GROUPS, TOOL_NAMES, unknownTools } from "../../dashboard/src/jobs/tools.ts";
import { runTriggerWords, triggersWords } from "../../dashboard/src/jobs/trigger-words.ts";

describe("a schedule in words", () => {
  it.each([
    ["0 8 * * *", "every day at 08:00"],
    ["30 7 * * 1-5", "Monday to Friday at 07:30"],
    ["0 3 * * 0", "every Sunday at 03:00"],
    ["0 3 * * MON,thu", "every Monday and Thursday at 03:00"],
    ["0 3 * * 7", "every Sunday at 03:00"],
    ["0 12 1 * *", "on day 1 of each month at 12:00"],
    ["5 0 8 * * *", "every day at 08:00:05"],
    ["* * * * *", "every minute"],
    ["*/15 * * * *", "every 15 minutes"],
    ["0 * * * *", "every hour"],
    ["20 * * * *", "every hour at 20 past"],
    ["0 */6 * * *", "every 6 hours"],
    ["*/30 * * * * *", "every 30 seconds"],
    ["*/10 * * * 6,0", "every 10 minutes, Saturday and Sunday"],
  ])("%s is %s", (schedule, words) => {
    expect(scheduleWords(schedule)).toBe(words);
  });

  it.each(["0 8 * 1 *", "0 8 1-5 * *", "0 8,20 * * *", "@daily", "0 8 L * *", "0 8 1 * 1", "15 */6 * * *"])(
    "%s stays as it is, for it cannot be said shortly",
    (schedule) => {
      expect(scheduleWords(schedule)).toBe(`cron ${schedule}`);
    },
  );
});

describe("triggers in words", () => {
  it("names each of a job's, and says when there is none", () => {
    expect(
      triggersWords([
        { kind: "cron", schedule: "0 8 * * *", timezone: "Europe/Berlin", missed: "skip" },
        { kind: "webhook", name: "deploy", secrets: ["HOOK"] },
      ]),
    ).toBe("every day at 08:00 (Europe/Berlin), webhook deploy");
    expect(triggersWords([])).toBe("when somebody runs it");
  });

  it("says what began a run", () => {
    expect(runTriggerWords({ kind: "cron", schedule: "0 * * * *", dueAt: "2026-01-01T00:00:00Z" })).toBe(
      "due every hour",
    );
    expect(runTriggerWords({ kind: "webhook", name: "deploy", messageId: "msg_1" })).toBe("webhook deploy");
    expect(runTriggerWords({ kind: "person", by: "Ada" })).toBe("by Ada");
  });
});

describe("the form of a job", () => {
  const fields = NewJob.parse({
    ...{ name: "Disks", instructions: "Look.", nodes: ["nd_1"], provider: "pr_1", model: "m" },
    ...{ tools: ["read_file"], toolDecisions: { read_file: "ask" }, limits: { money: 0.5, minutes: 1.5 } },
    output: { kind: "json", schema: { type: "object" } },
    triggers: [{ kind: "webhook", name: "deploy", secrets: ["HOOK"] }],
  });
  const times = { createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-01-01T00:00:00Z" };
  const job = Job.parse({ id: "jb_1", ...fields, ...times, nextRunAt: null, lastRun: null });

  it("sends back exactly the job that it was made of", () => {
    expect(NewJob.parse(bodyOf(draftOf(job)))).toEqual(fields);
  });

  it("sends what is no number as it was typed, and no money as no limit", () => {
    const draft = draftOf(job);
    const sent = bodyOf({ ...draft, limits: { ...draft.limits, turns: "many", tokens: "", money: " " } });
    expect(sent.limits).toMatchObject({ turns: "many", tokens: "", money: null, minutes: 1.5 });
  });

  it("leaves out decisions about tools that were not chosen", () => {
    const draft = { ...draftOf(job), tools: [] };
    expect(bodyOf(draft).toolDecisions).toEqual({});
    expect(withDecision(draft, "read_file", undefined)).toEqual({});
    expect(withDecision(draft, "write_file", "deny")).toEqual({ read_file: "ask", write_file: "deny" });
  });

  it("says why a schema is none", () => {
    expect(schemaProblem('{"type":"object"}')).toBeUndefined();
    expect(schemaProblem("[]")).toBe("A JSON schema is an object: { … }.");
    expect(schemaProblem("{")).toMatch(/^This is no JSON: /);
  });

  it("replaces and removes one of a list", () => {
    expect(replacedAt(["a", "b"], 1, "c")).toEqual(["a", "c"]);
    expect(replacedAt(["a", "b"], 0, undefined)).toEqual(["b"]);
  });

  it("has examples that the API takes once node, model and secret are chosen", () => {
    for (const { draft } of EXAMPLES) {
      const chosen = draft();
      const triggers = chosen.triggers.map((trigger) =>
        trigger.kind === "webhook" ? { ...trigger, secrets: ["HOOK"] } : trigger,
      );
      const body = bodyOf({ ...chosen, triggers, nodes: ["nd_1"], provider: "pr_1", model: "m" });
      expect(NewJob.safeParse(body).error).toBeUndefined();
      expect(unknownTools(chosen.tools, [])).toEqual([]);
    }
  });
});

describe("tools to choose from", () => {
  it("are all that there are, each in one group", () => {
    const grouped = TOOL_GROUPS.flatMap(({ tools }) => Object.keys(tools));
    expect(grouped.toSorted()).toEqual(NATIVE_TOOL_NAMES.toSorted());
    expect(TOOL_NAMES.toSorted()).toEqual(NATIVE_TOOL_NAMES.toSorted());
    expect(unknownTools(["read_file", "fly"], [])).toEqual(["fly"]);
  });
});

describe("the nodes of a job", () => {
  const node = (id: string, name: string, labels: Record<string, string>) => ({ id, name, labels }) as Node;
  const nodes = [node("nd_1", "local", { site: "home" }), node("nd_2", "a100", { gpu: "a100", site: "home" })];

  it("are named by id, by name, and by label", () => {
    expect(labelRefs(nodes)).toEqual(["label:gpu=a100", "label:site=home"]);
    expect(reachedNodes(["label:gpu=a100"], nodes).map(({ id }) => id)).toEqual(["nd_2"]);
    expect(reachedNodes(["local", "nd_2"], nodes).map(({ id }) => id)).toEqual(["nd_1", "nd_2"]);
    expect(lostRefs(["local", "nd_2", "nd_9", "label:gpu=h100"], nodes)).toEqual(["nd_9", "label:gpu=h100"]);
    expect(["nd_2", "label:site=home", "nd_9"].map((ref) => refWords(ref, nodes))).toEqual([
      "a100",
      "all with site=home",
      "nd_9",
    ]);
  });
});

describe("a moment on this clock", () => {
  const now = Date.parse("2026-11-27T12:00:00Z");
  it.each([
    ["2026-11-27T07:00:00Z", "today 08:00"],
    ["2026-11-28T07:00:00Z", "tomorrow 08:00"],
    ["2026-11-26T22:59:00Z", "yesterday 23:59"],
    ["2026-11-30T07:00:00Z", "Mon 30 Nov 08:00"],
    ["2027-01-01T07:00:00Z", "Fri 1 Jan 2027 08:00"],
  ])("%s is %s", (iso, words) => {
    expect(localTime(iso, now, "Europe/Berlin")).toBe(words);
  });
});
