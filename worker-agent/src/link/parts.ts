/** Bytes in several parts that are never joined: a large body is not copied on its way. */

export function sizeOf(parts: Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** The first `size` bytes of the parts, and what is left. */
export function splitAt(parts: Uint8Array[], size: number): [first: Uint8Array[], rest: Uint8Array[]] {
  const first: Uint8Array[] = [];
  let missing = size;
  for (const [index, part] of parts.entries()) {
    if (part.length > missing) {
      if (missing > 0) first.push(part.subarray(0, missing));
      return [first, [part.subarray(missing), ...parts.slice(index + 1)]];
    }
    first.push(part);
    missing -= part.length;
  }
  return [first, []];
}
