/** The roles as a person chooses them. */
import type { Role } from "@roundhouse/protocol/api/common";

const ROLE_OPTIONS: readonly { value: Role; label: string }[] = [
  { value: "viewer", label: "viewer: looks" },
  { value: "operator", label: "operator: installs, starts, opens" },
  { value: "admin", label: "admin: nodes, keys and people too" },
];

export function roleOptions(roles: readonly Role[]) {
  return ROLE_OPTIONS.filter((option) => roles.includes(option.value));
}
