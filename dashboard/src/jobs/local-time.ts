/** Moments as this browser's clock has them. */

const DAY_MS = 86_400_000;

/** `today 08:00`, `tomorrow 08:00`, `Mon 30 Nov 08:00`; the year only when it is another one. */
export function localTime(iso: string, now: number, timeZone?: string): string {
  const moment = new Date(iso);
  const zone = timeZone === undefined ? {} : { timeZone };
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", ...zone });
  const dayOf = (ms: number): string => new Date(ms).toLocaleDateString("en-CA", zone);
  const day = dayOf(moment.getTime());
  if (day === dayOf(now)) return `today ${time}`;
  if (day === dayOf(now + DAY_MS)) return `tomorrow ${time}`;
  if (day === dayOf(now - DAY_MS)) return `yesterday ${time}`;
  const year = day.slice(0, 4) === dayOf(now).slice(0, 4) ? {} : ({ year: "numeric" } as const);
  const date = moment.toLocaleDateString("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...year,
    ...zone,
  });
  return `${date.replace(",", "")} ${time}`;
}

/** With seconds and the zone's short name, for previews and tooltips. */
export function fullTime(iso: string, timeZone?: string): string {
  return new Date(iso).toLocaleString("en-GB", {
    ...{ weekday: "short", day: "numeric", month: "short", year: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
    ...(timeZone !== undefined && { timeZone }),
  });
}
