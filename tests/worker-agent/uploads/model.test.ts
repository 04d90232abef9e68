import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Bytes, type Harness, makeHarness, offsetOf, slowBody } from "./harness.ts";

const LENGTH = 5_000;
const bytes: Bytes = Uint8Array.from({ length: LENGTH }, (_, at) => (at * 31 + (at >> 8)) % 256);

/** What a client, its network and the machine may do next. */
const step = fc.oneof(
  fc.record({ do: fc.constant("send" as const), size: fc.integer({ min: 0, max: 1500 }) }),
  fc.record({
    do: fc.constant("break" as const),
    size: fc.integer({ min: 0, max: 1500 }),
    pieces: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ do: fc.constant("leave" as const), size: fc.integer({ min: 0, max: 1500 }) }),
  fc.record({ do: fc.constant("misplace" as const), by: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ do: fc.constant("exceed" as const), by: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ do: fc.constant("race" as const), size: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ do: fc.constant("restart" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does it, and answers the offset that must hold afterwards. */
async function act(h: Harness, url: string, at: number, what: Step): Promise<number> {
  const upTo = (size: number) => bytes.subarray(at, at + size);
  switch (what.do) {
    case "send":
      expect((await h.patch(url, at, upTo(what.size))).status).toBe(204);
      return at + upTo(what.size).length;
    case "break":
    case "leave": {
      const body = slowBody();
      const gone = new AbortController();
      const sent = upTo(Math.min(what.size, LENGTH - at - 1));
      const answer = h.patch(url, at, body.readable, gone.signal);
      const size = Math.ceil(sent.length / ("pieces" in what ? what.pieces : 1)) || 1;
      for (let from = 0; from < sent.length; from += size) await body.send(sent.subarray(from, from + size));
      if (what.do === "break") await body.breakOff();
      else gone.abort();
      // A client that comes back before the first request has ended.
      const seen = offsetOf(await h.head(url));
      if (what.do === "leave") expect(seen).toBe(at + sent.length);
      await answer;
      return at + sent.length;
    }
    case "misplace":
      expect((await h.patch(url, at + what.by, upTo(1))).status).toBe(409);
      if (at >= what.by) expect((await h.patch(url, at - what.by, upTo(1))).status).toBe(409);
      return at;
    case "exceed":
      expect((await h.patch(url, at, new Uint8Array(LENGTH - at + what.by))).status).toBe(413);
      return at;
    case "race": {
      const answers = await Promise.all([1, 2, 3].map(() => h.patch(url, at, upTo(what.size))));
      const statuses = answers.map(({ status }) => status).toSorted();
      expect(statuses.filter((status) => status === 204)).toHaveLength(1);
      expect(statuses.every((status) => [204, 409, 423].includes(status))).toBe(true);
      return at + upTo(what.size).length;
    }
    case "restart":
      h.restart();
      return at;
  }
}

it("[UP3] any sequence of requests, breaks and restarts leaves the bytes that were counted, and at the end the file", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const h = await makeHarness();
      try {
        const { location } = await h.create(LENGTH);
        let at = 0;
        for (const what of steps) {
          // With the last byte an upload is over.
          if (at === LENGTH) break;
          at = await act(h, location, at, what);
          expect(offsetOf(await h.head(location))).toBe(at);
        }
        if (at < LENGTH) await h.patch(location, at, bytes.subarray(at));
        expect((await readFile(join(h.folder, "uploads/file.bin"))).equals(bytes)).toBe(true);
      } finally {
        await h.close();
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
