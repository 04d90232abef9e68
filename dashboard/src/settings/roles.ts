/** The roles as a person chooses them. */
import type { Role } from "@roundhouse/protocol/api";

export const ROLE_OPTIONS: readonly { value: Role; label: string }[] = [
  { value: "viewer", label: "viewer: looks" },
  { value: "operator", label: "operator: installs, starts, opens" },
  { value: "admin", label: "admin: nodes, keys and people too" },
];
