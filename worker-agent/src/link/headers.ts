/** Headers between the public origin of an app and the loopback address it really listens on (SPEC HD1–HD4). */
import { isUtf8 } from "node:buffer";
import type { HeaderList } from "@roundhouse/protocol/frames";
import { CONNECTION_HEADERS } from "./connection-headers.ts";

const ASCII = /^[\t\x20-\x7e]*$/;

/** Of an app's answer: where a browser is to go next, or what it is looking at. */
const ADDRESSES = new Set(["location", "content-location", "refresh"]);
/** The app's own address, alone or behind the seconds of a `Refresh`. */
const LOCAL_URL =
  /^((?:\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?["']?)?)(?:https?:)?\/\/(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1?\]):(\d+)(?=[/?#"']|$)/i;

const WEBSOCKET_HANDSHAKE = new Set([
  "sec-websocket-key",
  "sec-websocket-version",
  "sec-websocket-extensions",
  "sec-websocket-protocol",
]);

export type OutgoingHeaders = Record<string, string | string[]>;

/** No prototype, since `constructor` is a header's name as good as any. */
function noHeaders(): OutgoingHeaders {
  return Object.create(null) as OutgoingHeaders;
}

/** The address an app is asked at; it sees the same one in `Host`, so that its own origin checks agree. */
export function localOrigin(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** The headers for the app: `Host`, `Origin`, `Referer` and `Destination` name its local address, `X-Forwarded-*` the public one. */
export function toApp(headers: HeaderList, port: number): OutgoingHeaders {
  const publicOrigin = publicOriginOf(headers);
  const out = noHeaders();
  out["host"] = `127.0.0.1:${port}`;
  for (const [rawName, value] of headers) {
    const name = rawName.toLowerCase();
    if (CONNECTION_HEADERS.has(name) || WEBSOCKET_HANDSHAKE.has(name)) continue;
    append(out, name, toBytes(localise(name, value, publicOrigin, port)));
  }
  return out;
}

/** The app's headers for the browser: what names its own local address names the public one. */
export function fromApp(rawHeaders: string[], requestHeaders: HeaderList, port: number): HeaderList {
  const publicOrigin = publicOriginOf(requestHeaders);
  const headers: HeaderList = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    const value = toText(rawHeaders[at + 1] ?? "");
    if (CONNECTION_HEADERS.has(name)) continue;
    headers.push([name, ADDRESSES.has(name) ? publish(value, publicOrigin, port) : value]);
  }
  return headers;
}

export function subprotocolsOf(headers: HeaderList): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === "sec-websocket-protocol")
    .flatMap(([, value]) => value.split(","))
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== "");
}

function publicOriginOf(headers: HeaderList): string | undefined {
  const host = valueOf(headers, "x-forwarded-host");
  return host === undefined ? undefined : `${valueOf(headers, "x-forwarded-proto") ?? "https"}://${host}`;
}

function localise(name: string, value: string, publicOrigin: string | undefined, port: number): string {
  if (publicOrigin === undefined) return value;
  if (name === "origin" && value === publicOrigin) return localOrigin(port);
  // `Destination` is WebDAV's: where a COPY or MOVE leads.
  if ((name === "referer" || name === "destination") && value.startsWith(`${publicOrigin}/`)) {
    return localOrigin(port) + value.slice(publicOrigin.length);
  }
  return value;
}

function publish(address: string, publicOrigin: string | undefined, port: number): string {
  const [local, before = "", itsPort] = LOCAL_URL.exec(address) ?? [];
  if (publicOrigin === undefined || local === undefined || itsPort !== String(port)) return address;
  return before + publicOrigin + address.slice(local.length);
}

/**
 * Header bytes beyond ASCII are UTF-8 nearly everywhere, and the hub's runtime takes them for it; Node shows each byte
 * as a character (Latin-1). Values cross the link as text.
 */
function toBytes(value: string): string {
  return ASCII.test(value) ? value : Buffer.from(value).toString("latin1");
}

function toText(value: string): string {
  if (ASCII.test(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  return isUtf8(bytes) ? bytes.toString() : value;
}

function valueOf(headers: HeaderList, name: string): string | undefined {
  return headers.find(([header]) => header.toLowerCase() === name)?.[1];
}

function append(out: OutgoingHeaders, name: string, value: string): void {
  const before = out[name];
  if (before === undefined) out[name] = value;
  else out[name] = Array.isArray(before) ? [...before, value] : [before, value];
}
