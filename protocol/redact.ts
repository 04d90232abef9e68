/** Takes secrets' values out of texts before these are stored, shown or sent on. */

/** What stands in the place of a value. */
export const SECRET_MARK = "[secret]";
/** Shorter pieces of base64 could be ordinary words. */
const MIN_PIECE = 8;
const encoder = new TextEncoder();

type Span = { start: number; end: number };

/**
 * Answers a function that replaces each value, as it is and in the forms that programs write it in (JSON, base64,
 * base64url, percent-encoded), by `[secret]`. Of values that overlap in a text nothing remains.
 */
export function makeRedactor(values: readonly string[]): (text: string) => string {
  const forms = secretForms(values);
  return (text) => replaceSpans(text, spansOf(text, forms));
}

/** Every form that values are written in, the longest first. */
export function secretForms(values: readonly string[]): string[] {
  const forms = new Set(values.filter((value) => value !== "").flatMap(formsOf));
  return [...forms].toSorted((one, other) => other.length - one.length);
}

/** Where forms stand in a text, in the order of their beginnings. */
export function spansOf(text: string, forms: readonly string[]): Span[] {
  const spans = forms.flatMap((form) => spansOfForm(text, form));
  return spans.toSorted((one, other) => one.start - other.start);
}

function spansOfForm(text: string, form: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
    spans.push({ start: at, end: at + form.length });
  }
  return spans;
}

function replaceSpans(text: string, spans: Span[]): string {
  let out = "";
  let end = 0;
  for (const span of spans) {
    if (span.start >= end) out += text.slice(end, span.start) + SECRET_MARK;
    end = Math.max(end, span.end);
  }
  return out + text.slice(end);
}

function formsOf(value: string): string[] {
  const escaped = jsonForms(value);
  const percent = [encodeURIComponent(wellFormed(value)), new URLSearchParams({ "": value }).toString().slice(1)];
  const lowerPercent = percent.map((form) => form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  return [value, ...escaped, ...escaped.flatMap(jsonForms), ...percent, ...lowerPercent, ...base64Forms(value)];
}

/** Half a pair of surrogates becomes U+FFFD; older runtimes have no `String.toWellFormed`. */
function wellFormed(value: string): string {
  return new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(encoder.encode(value));
}

/** As JSON writes it between quotes, also with everything beyond ASCII escaped. */
function jsonForms(value: string): string[] {
  const plain = JSON.stringify(value).slice(1, -1);
  const ascii = plain.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [plain, ascii];
}

/** Alone, and what of it is the same wherever it stands within longer text that was encoded whole. */
function base64Forms(value: string): string[] {
  const bytes = encoder.encode(value);
  const pieces = [0, 1, 2].map((before) => {
    const encoded = base64(new Uint8Array([...new Uint8Array(before), ...bytes]));
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  const standard = [base64(bytes), ...pieces.filter((piece) => piece.length >= MIN_PIECE)];
  const unpadded = standard.map((form) => form.replaceAll("=", ""));
  return [...standard, ...unpadded, ...unpadded.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))];
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
