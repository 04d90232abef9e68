/** Ids and secrets: how they are made and how a secret is hashed. Ids are public names, secrets are shown once. */

const ID_PREFIX = {
  node: "nd",
  instance: "in",
  joinToken: "jt",
  apiKey: "ak",
  blueprint: "bp",
  grant: "gr",
  share: "sh",
  upload: "up",
  terminal: "tm",
  provider: "pv",
  job: "jb",
  run: "rn",
  approval: "ap",
  audit: "au",
  mcpServer: "ms",
} as const;

const SECRET_PREFIX = {
  nodeKey: "rhn",
  apiKey: "rhk",
  joinToken: "rhj",
  ticket: "rht",
  grant: "rhg",
  share: "rhs",
} as const;

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new random id such as `in_7k2m9q4v8x1c`: 60 bits in Crockford's lower-case base 32. */
export function newId(kind: keyof typeof ID_PREFIX): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  let text = "";
  for (const byte of bytes) text += ALPHABET[byte & 31];
  return `${ID_PREFIX[kind]}_${text}`;
}

/** The id that always belongs to this text: whoever makes it again makes the same. 80 bits of its SHA-256. */
export async function derivedId(kind: keyof typeof ID_PREFIX, text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `${ID_PREFIX[kind]}_${[...digest.subarray(0, 16)].map((byte) => ALPHABET[byte & 31]).join("")}`;
}

/** A new secret such as `rhk_…`: 256 random bits in base64url behind a prefix that scanners can recognise. */
export function newSecret(kind: keyof typeof SECRET_PREFIX): string {
  return `${SECRET_PREFIX[kind]}_${base64url(crypto.getRandomValues(new Uint8Array(32)))}`;
}

/** SHA-256 of a secret as base64url: what is stored in place of it. */
export function hashSecret(secret: string): Promise<string> {
  return digestOf(secret);
}

/** Bytes as unpadded base64url (RFC 4648 §5). */
export function base64url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** SHA-256 of a text as base64url. */
export async function digestOf(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

/** The bytes of unpadded base64url; throws `InvalidCharacterError` when the text is not base64url. */
export function fromBase64url(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
