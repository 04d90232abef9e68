/** Numbers as people read them: bytes, spans of time, moments. */

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** `1536` → `1.5 KiB`. At most three digits before the unit, one decimal below 10 (below 100 from GiB on). */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1023.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const decimals = unit === 0 || value >= 100 || (value >= 10 && unit < 3) ? 0 : 1;
  return `${value.toFixed(decimals).replace(/\.0$/, "")} ${BYTE_UNITS[unit] ?? "B"}`;
}

/** `{used: 1e9, total: 4e9}` → `0.9 / 3.7 GiB`: both in the unit of the total. */
export function formatBytesOf(used: number, total: number): string {
  const [, unit = "B"] = formatBytes(total).split(" ");
  const divisor = 1024 ** Math.max(0, (BYTE_UNITS as readonly string[]).indexOf(unit));
  const part = used / divisor;
  return `${part >= 100 ? part.toFixed(0) : part.toFixed(1).replace(/\.0$/, "")} / ${formatBytes(total)}`;
}

/** `3_725_000` → `1 h 2 m`. The two largest units; seconds only below an hour. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago, or in how long, in one unit: `3 m ago`, `in 2 h`, `now`. */
export function formatRelative(iso: string, now: number): string {
  const difference = Date.parse(iso) - now;
  const size = Math.abs(difference);
  if (size < 5_000) return "now";
  const words = formatDuration(size).split(" ").slice(0, 2).join(" ");
  return difference < 0 ? `${words} ago` : `in ${words}`;
}

/** `1 node`, `2 nodes`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
