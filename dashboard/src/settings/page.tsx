/** One's own account, API keys, and the people who may sign in. */
import { blockedFor, currentUser } from "../api/session.ts";
import frame from "../parts/page.module.css";
import { AccountSection } from "./account.tsx";
import { KeysSection } from "./keys.tsx";
import { PeopleSection } from "./people.tsx";
import { SettingsNav } from "./settings-nav.tsx";

export function SettingsPage() {
  return (
    <div class={`${frame.page} ${frame.narrow}`}>
      <h1>Settings</h1>
      <SettingsNav />
      {currentUser.value && <AccountSection user={currentUser.value} />}
      <KeysSection />
      {blockedFor("admin") === undefined && <PeopleSection />}
    </div>
  );
}
