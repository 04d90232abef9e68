/** The writing end of an instance's log: append only, in segments, and never a reason for the app to die. */
import { mkdir, open, rm } from "node:fs/promises";
import { listSegments, SEGMENT_BYTES, segmentAt, SEGMENTS_KEPT, segmentSize, type Segment } from "./segments.ts";

export type LogWriter = {
  /** Resolves when the bytes are handed to the file system; the caller waits, and so slows the app down. Never rejects. */
  write(bytes: Uint8Array): Promise<void>;
  /** A line of the keeper's own, on a line of its own. */
  note(text: string): Promise<void>;
  /** Writes what is held back, if anything is. */
  flush(): Promise<void>;
  close(): Promise<void>;
};

export type SegmentFile = {
  write(bytes: Uint8Array): Promise<{ bytesWritten: number }>;
  close(): Promise<void>;
};

export type LogOptions = {
  segmentBytes?: number;
  segmentsKept?: number;
  openFile?: (path: string) => Promise<SegmentFile>;
};

const NEWLINE = 10;

/** Continues the log in `dir`. One writer at a time. */
export async function openLog(dir: string, options: LogOptions = {}): Promise<LogWriter> {
  const { segmentBytes = SEGMENT_BYTES, segmentsKept = SEGMENTS_KEPT } = options;
  const openFile = options.openFile ?? ((path: string) => open(path, "a", 0o600));
  await mkdir(dir, { recursive: true, mode: 0o700 });
  let segment: Segment = (await listSegments(dir)).at(-1) ?? segmentAt(dir, 0);
  let size = await segmentSize(segment);
  let file: SegmentFile | undefined;
  let lostBytes = 0;
  // What an earlier launch left may end in the middle of a line.
  let atLineStart = size === 0;

  async function currentFile(): Promise<SegmentFile> {
    if (file && size < segmentBytes) return file;
    if (size >= segmentBytes) {
      await file?.close();
      file = undefined;
      segment = segmentAt(dir, segment.start + size);
      size = 0;
    }
    file = await openFile(segment.path);
    await prune();
    return file;
  }

  async function prune(): Promise<void> {
    const segments = await listSegments(dir);
    for (const old of segments.slice(0, Math.max(0, segments.length - segmentsKept))) {
      await rm(old.path, { force: true });
    }
  }

  /** Gives how many bytes the disk did not take. */
  async function append(bytes: Uint8Array): Promise<number> {
    let rest = bytes;
    try {
      while (rest.length > 0) {
        const { bytesWritten } = await (await currentFile()).write(rest);
        if (bytesWritten === 0) return rest.length;
        size += bytesWritten;
        atLineStart = rest[bytesWritten - 1] === NEWLINE;
        rest = rest.subarray(bytesWritten);
      }
      return 0;
    } catch (error) {
      // A full or broken disk: the app goes on, and the log says how much is missing once it can.
      if (error instanceof Error && "code" in error) return rest.length;
      throw error;
    }
  }

  function line(text: string): Uint8Array {
    return Buffer.from(`${atLineStart ? "" : "\n"}── ${text} ──\n`);
  }

  async function write(bytes: Uint8Array): Promise<void> {
    if (lostBytes > 0) {
      if ((await append(line(`${lostBytes} bytes of output lost: the disk did not take them`))) > 0) {
        lostBytes += bytes.length;
        return;
      }
      lostBytes = 0;
    }
    lostBytes += await append(bytes);
  }

  return {
    write,
    note: (text) => write(line(text)),
    flush: async () => undefined,
    close: async () => {
      await file?.close();
      file = undefined;
    },
  };
}
