/** Host names that a person gives to an instance: lower-case names of the DNS, never an address. */
import * as z from "zod";

const MAX_LENGTH = 253;
/** The last label begins with a letter, which tells a name from an IPv4 address in any notation (`1.0x7f`). */
const NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const Hostname = z
  .string()
  .max(MAX_LENGTH)
  .regex(NAME, "a lower-case host name such as comfy.example.com, without a scheme, port or path");

/** Host names have dots, slugs and labels of ports have none. */
export function isHostname(label: string): boolean {
  return label.includes(".");
}
