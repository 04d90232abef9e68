/** Where this agent is: the host, its platform, and the data root it uses there. */
import { defaultDataPlace } from "./data-place.ts";
import { type Detection, detectPlatform } from "./platform.ts";
import { type HostView, viewHost } from "./view.ts";

export type Whereabouts = { view: HostView; detection: Detection; data: string };

/** What the command line says goes before what is found. */
export async function findWhereabouts(options: {
  data: string | undefined;
  platform: string | undefined;
}): Promise<Whereabouts> {
  const view = viewHost();
  const detection = detectPlatform(view, options.platform);
  return { view, detection, data: options.data ?? (await defaultDataPlace(view, detection.platform)) };
}
