/** Which of the ports that an app listens on is its main one, by a clock of the test's own. */
import { beforeEach, describe, expect, it } from "vitest";
import { FoundPorts, type NamedPort } from "../../../worker-agent/src/instances/found-ports.ts";
import { explainClash } from "../../../worker-agent/src/instances/port-clash.ts";

let now: number;
let speaking: Set<number>;
let asked: number[];
beforeEach(() => {
  now = 1_000_000;
  speaking = new Set();
  asked = [];
});

const ASSIGNED = 19001;
const on = (...ports: number[]) => ports.map((port) => ({ port, loopbackOnly: port !== 7777 }));

function watch({ declared = [], isSettled = false }: { declared?: NamedPort[]; isSettled?: boolean } = {}) {
  const answersHttp = async (port: number): Promise<boolean> => {
    asked.push(port);
    return speaking.has(port);
  };
  return new FoundPorts({ assigned: ASSIGNED, declared, isSettled, answersHttp, now: () => now });
}

/** A look each second. */
async function lookFor(found: FoundPorts, seconds: number, ...ports: number[]): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await found.look(on(...ports));
    now += 1000;
  }
}

describe("the main port", () => {
  it("[PT2] is the assigned one as soon as the app listens there, whatever else answers", async () => {
    speaking = new Set([8001, ASSIGNED]);
    const found = watch();
    await lookFor(found, 1, 8001, ASSIGNED);
    expect(found.main).toBe(ASSIGNED);
  });

  it("[PT2] is else the lowest that has stayed for 5 s and answers HTTP", async () => {
    speaking = new Set([8001, 9001]);
    const found = watch();
    await lookFor(found, 5, 5555, 8001, 9001);
    expect(found.main).toBeUndefined();
    await lookFor(found, 1, 5555, 8001, 9001);
    expect(found.main).toBe(8001);
    expect(found.list()).toEqual([
      { port: 8001, name: "main", http: true, exposed: false },
      { port: 9001, name: null, http: true, exposed: false },
      { port: 5555, name: null, http: false, exposed: false },
    ]);
  });

  it("[PT2] moves to the assigned one when the app comes to listen there, and stays while that is away for a moment", async () => {
    speaking = new Set([8001, ASSIGNED]);
    const found = watch();
    await lookFor(found, 7, 8001);
    expect(found.main).toBe(8001);
    await lookFor(found, 1, 8001, ASSIGNED);
    expect(found.main).toBe(ASSIGNED);
    await lookFor(found, 8, 8001);
    expect(found.main).toBe(ASSIGNED);
  });

  it("is a declared one only when there is no other", async () => {
    speaking = new Set([8001, 9001]);
    const found = watch({ declared: [{ name: "api", port: 8001 }] });
    await lookFor(found, 7, 8001);
    expect(found.main).toBe(8001);
    expect(found.list().map(({ port, name }) => [port, name])).toEqual([
      [8001, "main"],
      [8001, "api"],
    ]);
    await lookFor(found, 7, 8001, 9001);
    expect(found.main).toBe(9001);
  });

  it("is found at the first look at an app that had started before", async () => {
    speaking = new Set([8001]);
    const found = watch({ isSettled: true });
    await lookFor(found, 1, 8001);
    expect(found.main).toBe(8001);
  });
});

describe("what is told of ports", () => {
  it("names declared ones at once, and those that nobody named once they have stayed", async () => {
    const found = watch({ declared: [{ name: "api", port: 7777 }] });
    await lookFor(found, 1, ASSIGNED, 7777, 40000);
    expect(found.list().map(({ port, name, exposed }) => [port, name, exposed])).toEqual([
      [ASSIGNED, "main", false],
      [7777, "api", true],
    ]);
    await lookFor(found, 6, ASSIGNED, 40000);
    expect(found.list().map((one) => one.port)).toEqual([ASSIGNED, 40000]);
  });

  it("a helper that does not speak HTTP is asked a few times, and then left alone", async () => {
    speaking = new Set([ASSIGNED]);
    const found = watch();
    await lookFor(found, 200, ASSIGNED, 40000);
    expect(asked.filter((port) => port === 40000)).toHaveLength(6);
    expect(asked.filter((port) => port === ASSIGNED)).toHaveLength(1);
  });
});

describe("a port that somebody else has", () => {
  const others = [{ port: 8001, name: "first" }];

  it.each([
    "OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8001): address already in use",
    "Error: listen EADDRINUSE: address already in use 127.0.0.1:8001",
    "2026-11-20 10:00:53,123 ERROR Port 8001 is already in use",
    "Error: listen EADDRINUSE: address already in use :::8001",
  ])("is named from %j, with the instance that has it", (line) => {
    expect(explainClash(["begin", line, "end"], 2, others)).toMatchObject({
      code: "port_in_use",
      message: 'port 8001 is in use already by the instance "first"',
    });
  });

  it("is guessed at where the line has no number", () => {
    const line = "OSError: [Errno 98] Address already in use";
    expect(explainClash([line], 1, others)?.message).toContain('8001 by the instance "first"');
    expect(explainClash([line], 1, [])?.message).toBe("a port that the app wants is in use already");
  });

  it("is nothing that an earlier launch said", () => {
    const lines = ["EADDRINUSE :::8001", "── launch 2 · 2026-11-20T10:00:00.000Z", "fine"];
    expect(explainClash(lines, 2, others)).toBeUndefined();
    expect(explainClash(lines, 3, others)).toBeDefined();
  });
});
