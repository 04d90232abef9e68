/** Providers of models that are reached through a node's link (SPEC PV1–PV6). */
import * as z from "zod";

/** Where the node asks. Its key is never told: it comes with each request. */
export const DesiredProvider = z.object({ id: z.string(), baseUrl: z.string() });
export type DesiredProvider = z.infer<typeof DesiredProvider>;

/** Marks an answer that a provider gave, whatever its status; the agent's own answers lack it. */
export const PROVIDER_HEADER = "roundhouse-provider";
