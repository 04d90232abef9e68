/** Opens the ways that are compared, around one app on one house. */
import { openHouse } from "../../e2e/house.ts";
import { openBareWorker } from "./bare-worker.ts";
import { installApp } from "./ours.ts";
import { installPeers, openLocaltunnel, openWstunnel } from "./peers.ts";
import { installSsh, openSsh } from "./ssh.ts";
import { standing, type Way, type WayName } from "./target.ts";

/** What is opened is closed by `later`. */
export async function openWays(names: readonly WayName[], temp: string, later: AsyncDisposableStack): Promise<Way[]> {
  if (names.includes("ssh")) installSsh();
  if (names.includes("localtunnel") || names.includes("wstunnel")) installPeers();
  const house = await openHouse();
  later.defer(() => house.close());
  const app = await installApp(house, temp);
  const ways: Way[] = [];
  for (const name of names) ways.push(await openWay(name, app, temp, later));
  return ways;
}

function openWay(
  name: WayName,
  app: Awaited<ReturnType<typeof installApp>>,
  temp: string,
  later: AsyncDisposableStack,
): Way | Promise<Way> {
  switch (name) {
    case "direct":
      return standing("direct", app.direct);
    case "ssh":
      return openSsh(app.direct.port, temp, later);
    case "localtunnel":
      return openLocaltunnel(app.direct.port, temp, later);
    case "wstunnel":
      return openWstunnel(app.direct.port, later);
    case "bare":
      return openBareWorker(temp, later);
    case "ours":
      return standing("ours", app.ours);
  }
}
