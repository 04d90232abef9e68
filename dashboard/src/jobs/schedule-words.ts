/** A cron schedule in words, for the shapes that people write most; any other is shown as it stands. */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const DAY_NAMES: Readonly<Record<string, number>> = { SUN: 0, MON: 1, TUE: 2, WED: 3, THU: 4, FRI: 5, SAT: 6 };

/** `0 8 * * *` → `every day at 08:00`. */
export function scheduleWords(schedule: string): string {
  const fields = schedule.trim().split(/\s+/);
  const [second, minute, hour, day, month, weekday] = fields.length === 5 ? ["0", ...fields] : fields;
  const plain = `cron ${schedule.trim()}`;
  if (fields.length < 5 || fields.length > 6 || month !== "*") return plain;
  if (![second, minute, hour, day, weekday].every((field) => field !== undefined)) return plain;
  const days = daysWords(day ?? "", weekday ?? "");
  if (days === undefined) return plain;
  const time = timeWords(second ?? "", minute ?? "", hour ?? "");
  if (time !== undefined) return `${days} at ${time}`;
  const rhythm = rhythmWords(second ?? "", minute ?? "", hour ?? "");
  if (rhythm === undefined) return plain;
  return days === "every day" ? rhythm : `${rhythm}, ${days}`;
}

function timeWords(second: string, minute: string, hour: string): string | undefined {
  if (![second, minute, hour].every(isNumber)) return undefined;
  const parts = second === "0" ? [hour, minute] : [hour, minute, second];
  return parts.map((part) => part.padStart(2, "0")).join(":");
}

function rhythmWords(second: string, minute: string, hour: string): string | undefined {
  if (minute === "*" && hour === "*") return second === "0" ? "every minute" : every(second, "second");
  if (second !== "0") return undefined;
  if (hour === "*") return isNumber(minute) ? hourly(minute) : every(minute, "minute");
  return minute === "0" ? every(hour, "hour") : undefined;
}

function hourly(minute: string): string {
  return minute === "0" ? "every hour" : `every hour at ${minute} past`;
}

/** `*`, and `*` by a step. */
function every(field: string, unit: string): string | undefined {
  if (field === "*") return `every ${unit}`;
  const step = /^\*\/(\d+)$/.exec(field)?.[1];
  if (step === undefined) return undefined;
  return step === "1" ? `every ${unit}` : `every ${step} ${unit}s`;
}

function daysWords(day: string, weekday: string): string | undefined {
  if (day === "*" && weekday === "*") return "every day";
  if (day === "*") return weekdayWords(weekday);
  return weekday === "*" && isNumber(day) ? `on day ${day} of each month` : undefined;
}

function weekdayWords(field: string): string | undefined {
  if (/^(?:1-5|MON-FRI)$/i.test(field)) return "Monday to Friday";
  if (/^(?:6,0|0,6|6,7|SAT,SUN|SUN,SAT)$/i.test(field)) return "Saturday and Sunday";
  const names = field.split(",").map(dayName);
  if (names.some((name) => name === undefined)) return undefined;
  const last = names.pop();
  return names.length === 0 ? `every ${last}` : `every ${names.join(", ")} and ${last}`;
}

function dayName(field: string): string | undefined {
  const number = isNumber(field) ? Number(field) % 7 : DAY_NAMES[field.toUpperCase()];
  return number === undefined ? undefined : DAYS[number];
}

function isNumber(field: string): boolean {
  return /^\d+$/.test(field);
}
