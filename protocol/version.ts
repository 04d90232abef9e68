/** The link protocol's version, and the oldest one this build still speaks (SPEC VS1). */
export const PROTOCOL_VERSION = 1;
export const OLDEST_PROTOCOL_VERSION = 1;

export type VersionRange = { current: number; oldest: number };

/** The version both sides will speak: the newest that both know; undefined when their ranges do not meet. */
export function agreeVersion(ours: VersionRange, theirs: VersionRange): number | undefined {
  const agreed = Math.min(ours.current, theirs.current);
  return agreed >= ours.oldest && agreed >= theirs.oldest ? agreed : undefined;
}
