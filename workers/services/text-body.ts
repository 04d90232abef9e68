/** Reads a request's body as text, and no more of it than a limit. */

export type TextBody = {
  maxBytes: number;
  /** What is signed is kept byte for byte; elsewhere a byte order mark is no part of the text. */
  keepByteOrderMark: boolean;
  tooLarge: () => Error;
  notText: (cause: Error) => Error;
};

/** Throws what `tooLarge` and `notText` (it is no UTF-8) make. */
export async function readTextBody(request: Request, options: TextBody): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: options.keepByteOrderMark });
  let text = "";
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > options.maxBytes) throw options.tooLarge();
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? options.notText(error) : error;
  }
}
