/** How a browser session proves itself beside its cookie. No zod here: the dashboard bundles this file. */

/** Header of every fetch with the session's proof. */
export const PROOF_HEADER = "x-roundhouse-proof";
/** On sockets the proof travels as a subprotocol `proof.<value>` beside this one. */
export const FEED_SUBPROTOCOL = "roundhouse.v1";
export const PROOF_SUBPROTOCOL_PREFIX = "proof.";
