/** Why nothing answered at an address, in words for whoever set it. Neither headers nor paths are in them. */

const TLS_CODE = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO$|HOSTNAME_MISMATCH$)/;

export function wordFault({ host, hostname }: URL, error: unknown): string {
  const { code, message } = faultOf(error);
  if (code === "ECONNREFUSED") return `nothing listens at ${host} (${code})`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `the name ${hostname} is not known there (${code})`;
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return `there is no way to ${host} (${code})`;
  if (code === "ETIMEDOUT") return `${host} does not answer (${code})`;
  if (TLS_CODE.test(code)) return `TLS with ${host} failed: ${message}`;
  return code === "" ? message : `${message} (${code})`;
}

/** A name with several addresses fails with one error for each: the first tells enough. */
function faultOf(error: unknown): { code: string; message: string } {
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(one instanceof Error)) return { code: "", message: String(one) };
  return { code: "code" in one ? String(one.code) : "", message: one.message };
}
