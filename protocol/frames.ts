/** Stream frames: the binary frames of the link, `[u8 type][u32 stream][payload]` (SPEC FR1–FR9). */
import * as z from "zod";
import { MAX_HEAD_BYTES, MAX_LINK_MESSAGE_BYTES } from "./limits.ts";

export const FrameType = {
  open: 1,
  head: 2,
  reply: 3,
  data: 4,
  end: 5,
  reset: 6,
  credit: 7,
  message: 8,
  close: 9,
} as const;

export const FRAME_HEADER_BYTES = 5;
/** A byte order mark is part of a text. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const MESSAGE_TEXT = 1;
const MESSAGE_MORE = 2;

const Headers = z.array(z.tuple([z.string(), z.string()]));
export type HeaderList = z.infer<typeof Headers>;

/** Where a stream goes on the node: a port of an instance, or the agent's own services (logs, stats). */
const StreamTarget = z.discriminatedUnion("to", [
  z.object({ to: z.literal("app"), instance: z.string(), port: z.int().min(1).max(65535) }),
  z.object({ to: z.literal("agent") }),
]);
export type StreamTarget = z.infer<typeof StreamTarget>;

export const OpenHead = z.object({
  kind: z.enum(["http", "websocket"]),
  target: StreamTarget,
  method: z.string(),
  /** Path and query, starting with `/`. */
  path: z.string().startsWith("/"),
  headers: Headers,
  /** Whether DATA frames of a request body will follow. */
  hasBody: z.boolean(),
});
export type OpenHead = z.infer<typeof OpenHead>;

/** Status and headers of the app's answer; 101 with the chosen subprotocol among the headers for a WebSocket. */
export const ResponseHead = z.object({ status: z.int().min(100).max(599), headers: Headers });
export type ResponseHead = z.infer<typeof ResponseHead>;

/** Why a stream was cut short. */
export const ResetCode = z.enum([
  "cancelled",
  "refused",
  "unreachable",
  "timeout",
  "protocol",
  "too_large",
  "too_many",
  "link_lost",
]);
export type ResetCode = z.infer<typeof ResetCode>;
const ResetHead = z.object({ code: ResetCode, message: z.string() });

export type Frame =
  | { type: "open"; stream: number; head: OpenHead }
  | { type: "head"; stream: number; head: ResponseHead }
  | { type: "reply"; stream: number; head: ResponseHead; body: Uint8Array }
  | { type: "data"; stream: number; bytes: Uint8Array }
  | { type: "end"; stream: number }
  | { type: "reset"; stream: number; code: ResetCode; message: string }
  /** The sender of this frame allows the peer to have sent this many bytes on the stream in all. */
  | { type: "credit"; stream: number; offset: number }
  | { type: "message"; stream: number; text: boolean; more: boolean; bytes: Uint8Array }
  | { type: "close"; stream: number; code: number; reason: string };

export type FrameErrorCode = "too_short" | "too_long" | "unknown_type" | "bad_length" | "bad_json" | "bad_value";

/** A frame that this build cannot read. `unknown_type` is ignored and counted, any other closes the link (SPEC FR8). */
export class FrameError extends Error {
  readonly code: FrameErrorCode;
  constructor(code: FrameErrorCode, message: string) {
    super(message);
    this.name = "FrameError";
    this.code = code;
  }
}

/** The bytes of a frame. Throws {@link FrameError} `too_long` or `bad_value` for what a peer would refuse. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const payload = encodePayload(frame);
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.reduce((sum, part) => sum + part.length, 0));
  if (bytes.length > MAX_LINK_MESSAGE_BYTES) throw new FrameError("too_long", `a frame of ${bytes.length} bytes`);
  writeHeader(bytes, frame.type, frame.stream);
  let at = FRAME_HEADER_BYTES;
  for (const part of payload) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** What stands before the bytes of a DATA frame, for a sender that need not copy them. */
export function encodeDataHeader(stream: number): Uint8Array {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  writeHeader(header, "data", stream);
  return header;
}

/** The DATA frame of bytes that lie {@link FRAME_HEADER_BYTES} behind the beginning of their buffer: nothing is copied. */
export function dataFrameAround(stream: number, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(bytes.buffer, bytes.byteOffset - FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + bytes.length);
  writeHeader(frame, "data", stream);
  return frame;
}

/**
 * Gives back at once the memory of a DATA frame whose payload was taken. Left to the garbage collector, tens of MiB of
 * frames pile up before it thinks of them: too much for an object's 128 MB, and half of an agent's time to look through.
 * A payload that shares its memory with anything else, or a Node without `transfer` (before 21), is left alone.
 */
export function freeData({ buffer, byteOffset, length }: Uint8Array): void {
  const isWholeFrame = byteOffset === FRAME_HEADER_BYTES && buffer.byteLength === byteOffset + length;
  if (isWholeFrame) (buffer as { transfer?(newByteLength: number): unknown }).transfer?.(0);
}

/** The frame in these bytes. `data`, `message` and `reply` bodies are views on the input. Throws {@link FrameError}. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length < FRAME_HEADER_BYTES) throw new FrameError("too_short", `a frame of ${bytes.length} bytes`);
  if (bytes.length > MAX_LINK_MESSAGE_BYTES) throw new FrameError("too_long", `a frame of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stream = view.getUint32(1);
  if (stream === 0) throw new FrameError("bad_value", "stream 0");
  return decodePayload(bytes[0] ?? 0, stream, bytes.subarray(FRAME_HEADER_BYTES));
}

function writeHeader(bytes: Uint8Array, type: Frame["type"], stream: number): void {
  bytes[0] = FrameType[type];
  viewOf(bytes).setUint32(1, checkStream(stream));
}

function encodePayload(frame: Frame): Uint8Array[] {
  switch (frame.type) {
    case "open":
      return [json(frame.head)];
    case "head":
      return [json(frame.head)];
    case "reply": {
      const head = json(frame.head);
      return [u32(head.length), head, frame.body];
    }
    case "data":
      return [frame.bytes];
    case "end":
      return [];
    case "reset":
      return [json({ code: frame.code, message: frame.message })];
    case "credit":
      return [offset(frame.offset)];
    case "message":
      return [Uint8Array.of((frame.text ? MESSAGE_TEXT : 0) | (frame.more ? MESSAGE_MORE : 0)), frame.bytes];
    case "close":
      return [u16(frame.code), new TextEncoder().encode(frame.reason)];
  }
}

function decodePayload(type: number, stream: number, payload: Uint8Array): Frame {
  switch (type) {
    case FrameType.open:
      return { type: "open", stream, head: parseJson(OpenHead, payload) };
    case FrameType.head:
      return { type: "head", stream, head: parseJson(ResponseHead, payload) };
    case FrameType.reply:
      return decodeReply(stream, payload);
    case FrameType.data:
      return { type: "data", stream, bytes: payload };
    case FrameType.end:
      if (payload.length !== 0) throw new FrameError("bad_length", `an END with ${payload.length} bytes`);
      return { type: "end", stream };
    case FrameType.reset:
      return { type: "reset", stream, ...parseJson(ResetHead, payload) };
    case FrameType.credit:
      return { type: "credit", stream, offset: decodeOffset(payload) };
    case FrameType.message:
      return decodeMessage(stream, payload);
    case FrameType.close:
      return decodeClose(stream, payload);
    default:
      throw new FrameError("unknown_type", `frame type ${type}`);
  }
}

function decodeReply(stream: number, payload: Uint8Array): Frame {
  if (payload.length < 4) throw new FrameError("bad_length", `a REPLY with ${payload.length} bytes`);
  const headLength = viewOf(payload).getUint32(0);
  if (headLength > payload.length - 4) throw new FrameError("bad_length", `a REPLY head of ${headLength} bytes`);
  const head = parseJson(ResponseHead, payload.subarray(4, 4 + headLength));
  return { type: "reply", stream, head, body: payload.subarray(4 + headLength) };
}

function decodeMessage(stream: number, payload: Uint8Array): Frame {
  const flags = payload[0];
  if (flags === undefined) throw new FrameError("bad_length", "a MESSAGE without flags");
  if (flags & ~(MESSAGE_TEXT | MESSAGE_MORE)) throw new FrameError("bad_value", `MESSAGE flags ${flags}`);
  const text = (flags & MESSAGE_TEXT) !== 0;
  return { type: "message", stream, text, more: (flags & MESSAGE_MORE) !== 0, bytes: payload.subarray(1) };
}

function decodeClose(stream: number, payload: Uint8Array): Frame {
  // 123 bytes is what RFC 6455 leaves for a reason in a close frame.
  if (payload.length < 2 || payload.length > 125)
    throw new FrameError("bad_length", `a CLOSE of ${payload.length} bytes`);
  return { type: "close", stream, code: viewOf(payload).getUint16(0), reason: decodeText(payload.subarray(2)) };
}

function parseJson<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  if (bytes.length > MAX_HEAD_BYTES) throw new FrameError("too_long", `a head of ${bytes.length} bytes`);
  const parsed = schema.safeParse(readJson(decodeText(bytes)));
  if (!parsed.success) throw new FrameError("bad_value", z.prettifyError(parsed.error));
  return parsed.data;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FrameError("bad_json", error instanceof Error ? error.message : String(error));
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    throw new FrameError("bad_value", error instanceof Error ? error.message : String(error));
  }
}

function decodeOffset(payload: Uint8Array): number {
  if (payload.length !== 8) throw new FrameError("bad_length", `a CREDIT of ${payload.length} bytes`);
  const value = viewOf(payload).getBigUint64(0);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new FrameError("bad_value", `a CREDIT offset of ${value}`);
  return Number(value);
}

function json(value: unknown): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  if (bytes.length > MAX_HEAD_BYTES) throw new FrameError("too_long", `a head of ${bytes.length} bytes`);
  return bytes;
}

function checkStream(stream: number): number {
  if (Number.isInteger(stream) && stream > 0 && stream <= 0xffff_ffff) return stream;
  throw new FrameError("bad_value", `stream ${stream}`);
}

function offset(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new FrameError("bad_value", `a CREDIT offset of ${value}`);
  const bytes = new Uint8Array(8);
  viewOf(bytes).setBigUint64(0, BigInt(value));
  return bytes;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}

function u16(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) throw new FrameError("bad_value", `close code ${value}`);
  const bytes = new Uint8Array(2);
  viewOf(bytes).setUint16(0, value);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
