/** AMD GPUs as `rocm-smi` reports them; its keys changed their spelling between releases, so they are found loosely. */
import * as z from "zod";
import { type GpuReading, toAmount, toGauge, toNumber } from "./reading.ts";

export const AMD_COMMAND = {
  command: "rocm-smi",
  args: [
    ...["--showproductname", "--showuniqueid", "--showbus", "--showdriverversion"],
    ...["--showuse", "--showmeminfo", "vram", "--showtemp", "--showpower", "--json"],
  ],
};

const Output = z.record(z.string(), z.unknown());
const Card = z.record(z.string(), z.union([z.string(), z.number()]).catch(""));
type Card = z.infer<typeof Card>;

/** The cards in the output, which may carry warnings before and after its JSON. */
export function parseAmd(output: string): GpuReading[] {
  const all = parseJson(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1));
  const driver = pick(toCard(all["system"]), ["driver version"]);
  const seen = new Set<string>();
  return Object.keys(all)
    .flatMap((key) => /^card(\d+)$/i.exec(key)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b)
    .map((number, index) => readCard(toCard(all[`card${number}`]), { index, number, driver, seen }));
}

function readCard(
  card: Card,
  at: { index: number; number: number; driver: string | undefined; seen: Set<string> },
): GpuReading {
  const id = cardId(card, at.number, at.seen);
  at.seen.add(id);
  return {
    fact: {
      index: at.index,
      id,
      vendor: "amd",
      name: cardName(card),
      memoryTotalBytes: toAmount(pick(card, ["vram total memory (b)"])),
      ...(at.driver ? { driver: at.driver } : {}),
    },
    stats: {
      index: at.index,
      memoryUsedBytes: toAmount(pick(card, ["vram total used memory (b)", "vram used memory (b)"])),
      utilizationPercent: toGauge(pick(card, ["gpu use (%)"])),
      temperatureCelsius: toNumber(
        pick(card, [
          "temperature (sensor junction) (c)",
          "temperature (sensor edge) (c)",
          "temperature (sensor #1) (c)",
        ]),
      ),
      powerWatts: toGauge(
        pick(card, [
          "current socket graphics package power (w)",
          "average graphics package power (w)",
          "current graphics package power (w)",
        ]),
      ),
    },
  };
}

/** `GPU-<hex>` is how ROCm's own runtime names a card. Partitions of one card share its number, so they get their bus. */
function cardId(card: Card, number: number, seen: Set<string>): string {
  const bus = pick(card, ["pci bus"]) ?? `card${number}`;
  const unique = pick(card, ["unique id"])?.replace(/^0x/i, "");
  const id = unique ? `GPU-${unique}` : bus;
  return seen.has(id) ? `${id}@${bus}` : id;
}

function cardName(card: Card): string {
  const name = pick(card, ["card series", "device name", "market name"]);
  const model = pick(card, ["card model", "device id", "gfx version"]);
  if (name && !name.startsWith("0x")) return name;
  return model ? `AMD GPU ${model}` : "AMD GPU";
}

/** The first of these keys that has a value; upper and lower case mean the same. */
function pick(card: Card, keys: string[]): string | undefined {
  const entries = new Map(Object.entries(card).map(([key, value]) => [key.toLowerCase(), String(value).trim()]));
  return keys.map((key) => entries.get(key)).find((value) => value && !/^(n\/a|none|unknown)$/i.test(value));
}

function toCard(value: unknown): Card {
  return Card.safeParse(value).data ?? {};
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return Output.parse(JSON.parse(text));
  } catch {
    // "No AMD GPUs specified", a crash of the tool's Python, …: no card was reported.
    return {};
  }
}
