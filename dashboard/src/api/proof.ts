/** The session's proof: without it the cookie opens nothing, and other origins cannot read it. */
import { FEED_SUBPROTOCOL, PROOF_SUBPROTOCOL_PREFIX } from "@roundhouse/protocol/session";

const STORAGE_KEY = "roundhouse.proof";

export function loadProof(): string | null {
  return localStorage.getItem(STORAGE_KEY);
}

export function saveProof(proof: string | null): void {
  if (proof === null) localStorage.removeItem(STORAGE_KEY);
  else localStorage.setItem(STORAGE_KEY, proof);
}

/** What a WebSocket of this session offers as its subprotocols. */
export function socketProtocols(): string[] {
  const proof = loadProof();
  return proof === null ? [FEED_SUBPROTOCOL] : [FEED_SUBPROTOCOL, PROOF_SUBPROTOCOL_PREFIX + proof];
}
