/** What is no text: whatever holds a NUL. */

export function isBinary(bytes: Uint8Array): boolean {
  return bytes.includes(0);
}
