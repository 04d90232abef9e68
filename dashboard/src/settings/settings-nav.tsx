/** The way between one's own settings and those of the whole, as far as the person's role goes. */
import type { Role } from "@roundhouse/protocol/api/common";
import { rolesUpToOwn } from "../api/session.ts";
import { PageNav } from "../parts/page-nav.tsx";

const PAGES: readonly { path: string; label: string; role: Role }[] = [
  { path: "/settings", label: "Account and people", role: "viewer" },
  { path: "/settings/providers", label: "Providers", role: "operator" },
  { path: "/settings/secrets", label: "Secrets", role: "operator" },
  { path: "/settings/audit", label: "Audit log", role: "admin" },
];

export function SettingsNav() {
  const roles = rolesUpToOwn();
  return <PageNav label="Settings" pages={PAGES.filter(({ role }) => roles.includes(role))} />;
}
