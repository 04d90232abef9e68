/** The uploads of this node, served and swept. */
import { uploadService } from "./protocol.ts";
import { UploadStore, type UploadStoreDeps } from "./store.ts";

export type Uploads = { fetch: (request: Request) => Promise<Response>; stop(): void };

const SWEEP_INTERVAL_MS = 3600_000;

export function createUploads(deps: UploadStoreDeps & { log: (line: string) => void }): Uploads {
  const store = new UploadStore(deps);
  const sweep = (): void => {
    store.sweep().catch((error: unknown) => deps.log(`old uploads: ${String(error)}`));
  };
  sweep();
  const timer = setInterval(sweep, SWEEP_INTERVAL_MS);
  return { fetch: uploadService(store, deps.log), stop: () => clearInterval(timer) };
}
