/** How real apps decide whether a request comes from their own pages, in our own words: each says why it refuses. */
import type { IncomingMessage } from "node:http";

export type Guard = (request: IncomingMessage) => string | undefined;

const LOCAL_NAMES = new Set(["localhost", "127.0.0.1", "0.0.0.0", "[::1]"]);

/** Gradio: at a local Host, only local pages may call. */
const gradio: Guard = ({ headers }) => {
  if (headers.origin === undefined || !LOCAL_NAMES.has(nameOf(headers.host))) return undefined;
  return LOCAL_NAMES.has(new URL(headers.origin).hostname) ? undefined : `origin ${headers.origin}`;
};

/** ComfyUI: never on behalf of another site; at a local Host, name and port of Origin and Host agree. */
const comfyui: Guard = ({ headers }) => {
  if (headers["sec-fetch-site"] === "cross-site") return "a cross-site request";
  if (headers.origin === undefined || !LOCAL_NAMES.has(nameOf(headers.host))) return undefined;
  return new URL(headers.origin).host === headers.host ? undefined : `origin ${headers.origin} at ${headers.host}`;
};

/** Tornado, and so Jupyter and Streamlit: a local Host, and whoever says where it comes from comes from there. */
const tornado: Guard = ({ headers }) => {
  if (!LOCAL_NAMES.has(nameOf(headers.host))) return `host ${headers.host}`;
  const { origin, referer } = headers;
  if (origin !== undefined && new URL(origin).host !== headers.host) return `origin ${origin}`;
  return referer === undefined || new URL(referer).host === headers.host ? undefined : `referer ${referer}`;
};

/** Vite's server: any page, but at a name that no attacker's DNS can point here. */
const vite: Guard = ({ headers }) => {
  const name = nameOf(headers.host);
  return LOCAL_NAMES.has(name) || name.endsWith(".localhost") ? undefined : `host ${name}`;
};

/** Django: an unsafe request comes from its own origin, scheme included. */
const django: Guard = ({ method, headers }) => {
  if (method === "GET" || method === "HEAD") return undefined;
  const own = `http://${headers.host}`;
  const from = headers.origin ?? (headers.referer && new URL(headers.referer).origin);
  return from === own ? undefined : `a ${method} from ${from} at ${own}`;
};

/** Apps that let nothing in but their own pages and the address bar. */
const fetchMetadata: Guard = ({ headers }) => {
  const site = headers["sec-fetch-site"] ?? "none";
  return site === "same-origin" || site === "none" ? undefined : `a ${site} request`;
};

export const GUARDS: Record<string, Guard> = { gradio, comfyui, tornado, vite, django, fetchMetadata };

function nameOf(host = ""): string {
  return host.replace(/:\d+$/, "");
}
