/** Calls between objects are let go of: one that threw would keep both awake. */
import { expect, test } from "vitest";
import type { Env } from "../../../workers/env.ts";
import { liveFeed } from "../../../workers/services/objects.ts";

/** A feed whose call ends like `answer`, and which counts how often it was let go of. */
function feed(answer: () => Promise<void>) {
  const seen = { calls: [] as unknown[][], disposed: 0 };
  const publish = (...args: unknown[]) => {
    seen.calls.push(args);
    return Object.assign(answer(), { [Symbol.dispose]: () => void (seen.disposed += 1) });
  };
  const env = { LIVE_FEED: { getByName: () => ({ publish }) } } as unknown as Env;
  return { env, seen };
}

test("a call that is answered is let go of", async () => {
  const { env, seen } = feed(async () => {});
  await liveFeed(env).publish([{ type: "feed.hello" }]);
  expect(seen).toEqual({ calls: [[[{ type: "feed.hello" }]]], disposed: 1 });
});

test("a call that throws is let go of, and still throws", async () => {
  const { env, seen } = feed(() => Promise.reject(new Error("the object was restarted")));
  await expect(liveFeed(env).publish([])).rejects.toThrow("the object was restarted");
  expect(seen.disposed).toBe(1);
});
