/** What an idle node costs: its hub sleeps with the link up, and nothing but a question wakes it. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "../e2e/house.ts";

/** A look at a node keeps its hub looking for a minute; the runtime lets an object sleep after ten idle seconds. */
const UNTIL_ASLEEP_MS = 60_000 + 4_000 + 12_000;
const MINUTE_MS = 60_000;

let house: House;
beforeAll(async () => {
  house = await openHouse(undefined, { ROUNDHOUSE_LOG: "debug" });
  await house.api.install({ name: "hello" });
});
afterAll(() => house?.close());

const count = (words: string): number => house.output.split(words).length - 1;
const wakes = (): number => count("hub of nd_");
const links = (): number => count("connected to ");

test("[HB3] an idle node with a running app wakes its hub never for a minute, and is still there on the same link", async () => {
  expect(wakes()).toBeGreaterThan(0);
  await sleep(UNTIL_ASLEEP_MS);
  const before = { wakes: wakes(), links: links() };
  await sleep(MINUTE_MS);
  expect({ wakes: wakes(), links: links() }).toEqual(before);
  const [node] = await house.api.nodes();
  // A hub that had stayed awake would not be made anew.
  expect(wakes(), house.output).toBe(before.wakes + 1);
  // Online is who was heard within the last seconds: the pings went on, and only the runtime answered them.
  expect(node?.status).toBe("online");
  expect(links()).toBe(before.links);
  expect((await house.api.instances())[0]?.status).toBe("started");
});
