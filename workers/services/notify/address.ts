/** Which addresses the control plane may send to on behalf of a job: none of a private network, however it is written. Pure. */

/** Names that never lead to the public internet. */
const LOCAL_NAME = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home\.arpa)$/;

/** First address and length of the prefix (RFC 6890 and the registries it points to). */
const CLOSED_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Why this URL may not be sent to; undefined when it may. URL parsing has made decimal, octal and hexadecimal hosts plain. */
export function refusalOfAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return "it is not a URL";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "it is neither https:// nor http://";
  if (url.username !== "" || url.password !== "") return "it carries a user or a password";
  return refusalOfHost(url.hostname.replace(/\.+$/, ""));
}

function refusalOfHost(host: string): string | undefined {
  if (host.startsWith("[")) {
    return isClosedV6(groupsOf(host.slice(1, -1))) ? "it is an address of a private or reserved network" : undefined;
  }
  if (/^\d+(?:\.\d+){3}$/.test(host)) {
    return isClosedV4(numberOf(host)) ? "it is an address of a private or reserved network" : undefined;
  }
  if (LOCAL_NAME.test(host)) return "it is a name of the local network";
  return host.includes(".") ? undefined : "it is a name without a domain";
}

function isClosedV4(address: number): boolean {
  return CLOSED_V4.some(([first, bits]) => address >>> (32 - bits) === numberOf(first) >>> (32 - bits));
}

function numberOf(dotted: string): number {
  return dotted.split(".").reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}

/** Only the global unicast block is open, less what carries an IPv4 address inside and what is set aside. */
function isClosedV6(groups: readonly number[]): boolean {
  const [first = 0, second = 0] = groups;
  const isGlobal = (first & 0xe000) === 0x2000;
  if (!isGlobal) return true;
  if (first === 0x2002) return true;
  return first === 0x2001 && (second < 0x0200 || second === 0x0db8);
}

/** The eight groups of an IPv6 address in the form that URLs have it: no dotted tail, `::` at most once. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(missing).fill("0"), ...after].map((group) => Number.parseInt(group, 16));
}
