/** JSON from outside: text that is none is a value like any other wrong one. */

/** The value, or undefined when the text is not JSON (which no JSON text means). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
