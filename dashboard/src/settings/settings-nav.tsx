/** The way between one's own settings and those of the whole. */
import { PageNav } from "../parts/page-nav.tsx";

export function SettingsNav() {
  return (
    <PageNav
      label="Settings"
      pages={[
        { path: "/settings", label: "Account and people" },
        { path: "/settings/providers", label: "Providers" },
        { path: "/settings/secrets", label: "Secrets" },
        { path: "/settings/audit", label: "Audit log" },
      ]}
    />
  );
}
