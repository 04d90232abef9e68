/** What a run is given beside its job's instructions, as somebody types it. Pure. */

export type RunData = { data: unknown } | { problem: string };

/** JSON; nothing at all is no data. */
export function readRunData(text: string): RunData {
  if (text.trim() === "") return { data: undefined };
  try {
    return { data: JSON.parse(text) as unknown };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: `This is not JSON: ${error.message}. A text stands in double quotes.` };
  }
}
