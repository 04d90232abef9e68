/** What an instance costs beside the container that it is: from the wish until it answers, and the same by the engine alone. */
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Engine } from "../../e2e/docker.ts";
import { type House, openHouse } from "../../e2e/house.ts";
import { percentile } from "../load/stats.ts";
import type { Trial } from "../measure.ts";

const STARTS = 10;
const IMAGE = "busybox-of-the-bench:1";
const COMMAND = ["httpd", "-f", "-p", "8080", "-h", "/"];
const POLL_MS = 5;

export const containers: Trial = {
  name: "containers",
  isLong: true,
  rows: {
    instance: { title: "a container instance, from its start to its first answer, p50", unit: "ms" },
    engine: { title: "the same container by the engine alone, p50", unit: "ms" },
  },
  measure: async ({ later }) => {
    const engine = await Engine.open();
    later.defer(() => engine.close());
    await engine.importBusybox(IMAGE);
    const house = await openHouse(undefined, engine.settings);
    later.defer(() => house.close());
    const ours = await timesOfInstance(house);
    return { instance: percentile(ours, 50), engine: percentile(await timesOfEngine(engine), 50) };
  },
};

async function timesOfInstance({ api }: House): Promise<number[]> {
  const source = JSON.stringify({ image: IMAGE, port: 8080, command: COMMAND });
  await api.post("/api/blueprints", { name: "web", kind: "container", source });
  const { id, port } = await api.install({ name: "web", blueprint: "web" });
  const took: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    await api.stop(id);
    await api.untilStatus(id, "stopped");
    const begin = performance.now();
    await api.start(id);
    await untilAnswered("127.0.0.1", port ?? 0);
    took.push(performance.now() - begin);
  }
  return took;
}

async function timesOfEngine({ client }: Engine): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    const begin = performance.now();
    const container = await client.createContainer({ Image: IMAGE, Cmd: COMMAND, HostConfig: { Init: true } });
    await container.start();
    const { NetworkSettings } = await container.inspect();
    await untilAnswered(NetworkSettings.Networks["bridge"]?.IPAddress ?? "", 8080);
    took.push(performance.now() - begin);
    await container.remove({ force: true });
  }
  return took;
}

async function untilAnswered(host: string, port: number): Promise<void> {
  while (!(await answers(host, port))) await sleep(POLL_MS);
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const asked = request({ host, port, agent: false, timeout: 1_000 }, (answer) => {
      answer.resume();
      done(true);
    });
    asked.once("error", () => done(false));
    asked.once("timeout", () => asked.destroy());
    asked.end();
  });
}
