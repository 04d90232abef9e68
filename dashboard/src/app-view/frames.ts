/** Which apps' frames are kept: the few that were shown last. A frame that moves in the page loads anew, so none ever does. */
import type { Instance } from "@roundhouse/protocol/api/instance";

export type Frame = {
  instanceId: string;
  /** With a one-use ticket: only good for being loaded once. */
  url: string;
  /** Grows with every load: another number is another frame. */
  load: number;
  /** Larger for what was shown later. */
  shown: number;
};

export const MOST_FRAMES = 3;

/** Adds or replaces the frame of an instance, and drops the one that was not shown for longest when there are too many. */
export function withFrame(frames: readonly Frame[], instanceId: string, url: string, most = MOST_FRAMES): Frame[] {
  const known = frames.find((frame) => frame.instanceId === instanceId);
  const fresh = { instanceId, url, load: (known?.load ?? 0) + 1, shown: nextShown(frames) };
  const all = known ? frames.map((frame) => (frame === known ? fresh : frame)) : [...frames, fresh];
  if (all.length <= most) return all;
  const oldest = all.reduce((one, other) => (other.shown < one.shown ? other : one));
  return all.filter((frame) => frame !== oldest);
}

/** Notes that the frame of an instance is shown now; nothing changes when it was shown last already. */
export function touched(frames: readonly Frame[], instanceId: string): readonly Frame[] {
  const known = frames.find((frame) => frame.instanceId === instanceId);
  if (!known || known.shown === nextShown(frames) - 1) return frames;
  return frames.map((frame) => (frame === known ? { ...frame, shown: nextShown(frames) } : frame));
}

/** Whether the instance is framed where it lives now: a rename moves it. */
export function isOf(frame: Frame, { id, slug }: Pick<Instance, "id" | "slug">): boolean {
  return frame.instanceId === id && new URL(frame.url).hostname.startsWith(`${slug}.`);
}

export function withoutFrame(frames: readonly Frame[], instanceId: string): Frame[] {
  return frames.filter((frame) => frame.instanceId !== instanceId);
}

function nextShown(frames: readonly Frame[]): number {
  return Math.max(0, ...frames.map(({ shown }) => shown)) + 1;
}
