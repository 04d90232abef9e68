/** The Worker as the network reaches it. */
import { exports } from "cloudflare:workers";

export const ORIGIN = "http://localhost:8787";
export const worker = (exports as unknown as { default: Fetcher }).default;
