/** A log in which secrets never stand, whatever an app prints of them and in whichever pieces it arrives. */
import { SECRET_MARK, secretForms, spansOf } from "@roundhouse/protocol/redact";
import type { LogWriter } from "./log.ts";

/** A beginning of a secret that nothing follows is hidden from this length on. */
const MIN_TELLING_BYTES = 8;

/** Bytes that could be the beginning of a secret are held back until more is written, or `flush` says that nothing comes. */
export function redactedLog(log: LogWriter, secrets: readonly string[]): LogWriter {
  if (secrets.length === 0) return log;
  // One character for each byte: what an app prints need not be text, and may be cut anywhere.
  const forms = secretForms(secrets).map((form) => Buffer.from(form).toString("latin1"));
  let held = "";
  /** Bytes at the beginning of what is held that a mark stands for already. */
  let coveredBytes = 0;

  function take(more: string, isLast: boolean): Buffer {
    const text = held + more;
    const partial = startOfPartial(text, forms);
    const cut = isLast ? text.length : partial;
    const spans = spansOf(text, forms).filter((span) => span.start < cut);
    if (isLast && text.length - partial >= MIN_TELLING_BYTES) spans.push({ start: partial, end: text.length });
    let out = "";
    let end = coveredBytes;
    for (const span of spans) {
      if (span.start >= end) out += text.slice(end, span.start) + SECRET_MARK;
      end = Math.max(end, span.end);
    }
    if (end < cut) out += text.slice(end, cut);
    held = text.slice(cut);
    coveredBytes = Math.max(0, end - cut);
    return Buffer.from(out, "latin1");
  }

  async function write(bytes: Uint8Array): Promise<void> {
    const out = take(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"), false);
    if (out.length > 0) await log.write(out);
  }

  async function flush(): Promise<void> {
    const out = take("", true);
    if (out.length > 0) await log.write(out);
  }

  return {
    write,
    flush,
    note: async (text) => {
      await flush();
      await log.note(text);
    },
    close: async () => {
      await flush();
      await log.close();
    },
  };
}

/** Where the first form begins that the text ends within; its length where none does. */
function startOfPartial(text: string, forms: readonly string[]): number {
  return forms.reduce((first, form) => Math.min(first, startOfPartialForm(text, form)), text.length);
}

function startOfPartialForm(text: string, form: string): number {
  const head = form.charAt(0);
  for (
    let at = text.indexOf(head, Math.max(0, text.length - form.length + 1));
    at !== -1;
    at = text.indexOf(head, at + 1)
  ) {
    if (form.startsWith(text.slice(at))) return at;
  }
  return text.length;
}
