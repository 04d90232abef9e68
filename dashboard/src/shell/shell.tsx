/** What stands around every page: the bar with the way to each, the link's state, theme and person. */
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { currentUser, signOut } from "../api/session.ts";
import { PendingBadge } from "../approvals/pending.tsx";
import { feedState } from "../live/feed.ts";
import { IconButton } from "../parts/button.tsx";
import { classes } from "../parts/classes.ts";
import { Icon, type IconName } from "../parts/icon.tsx";
import { later } from "../parts/later.tsx";
import { useShortcuts } from "./keys.ts";
import { Logo } from "./logo.tsx";
import css from "./shell.module.css";
import { nextTheme, setTheme, theme } from "./theme.ts";
import { toastError } from "./toasts.tsx";

const ShortcutsDialog = later(async () => (await import("./shortcuts-dialog.tsx")).ShortcutsDialog);
const Palette = later(async () => (await import("../palette/palette.tsx")).Palette);

/** `heading`: where the logo's turntable points while the page is shown. */
const PAGES: readonly { path: string; label: string; icon: IconName; heading: number }[] = [
  { path: "/", label: "Instances", icon: "apps", heading: -54 },
  { path: "/nodes", label: "Nodes", icon: "nodes", heading: -18 },
  { path: "/catalogue", label: "Catalogue", icon: "catalogue", heading: 18 },
  { path: "/jobs", label: "Jobs", icon: "jobs", heading: 36 },
  { path: "/mcp-servers", label: "MCP", icon: "tools", heading: 45 },
  { path: "/settings", label: "Settings", icon: "settings", heading: 54 },
];
const THEME_ICON = { system: "auto", light: "sun", dark: "moon" } as const;

export function Shell({ children }: { children: ComponentChildren }) {
  const [path, navigate] = useLocation();
  const [help, setHelp] = useState(false);
  const [finding, setFinding] = useState(false);
  // A page below another one (/nodes/add) belongs to that one's tab.
  const current = PAGES.find((page) => page.path === `/${path.split("/")[1] ?? ""}`);
  const lost = feedState.value === "reconnecting";
  const shortcuts = useMemo(() => {
    const goTo = PAGES.map((page, index) => [String(index + 1), () => navigate(page.path)] as const);
    const find = (event: KeyboardEvent): void => {
      // Elsewhere Ctrl-K is the browser's, and in a terminal the shell's.
      if (isInTerminal(event.target)) return;
      event.preventDefault();
      setFinding(true);
    };
    return { ...Object.fromEntries(goTo), "?": () => setHelp(true), "Mod+k": find };
  }, [navigate]);
  useShortcuts(shortcuts);

  return (
    <div class={css.shell}>
      <header class={css.bar}>
        <Link href="/" class={css.brand} aria-label="Roundhouse: instances">
          <Logo heading={current?.heading ?? 90} turning={lost} />
          <span class={css.brandName}>Roundhouse</span>
        </Link>
        <nav class={css.nav} aria-label="Pages">
          {PAGES.map((page) => (
            <Link
              key={page.path}
              href={page.path}
              class={classes(css.tab, page === current && css.current)}
              aria-current={page.path === path ? "page" : page === current ? "true" : undefined}
            >
              <Icon name={page.icon} />
              {page.label}
              {page.path === "/jobs" && (
                <span class={css.badge}>
                  <PendingBadge />
                </span>
              )}
            </Link>
          ))}
        </nav>
        <span class={css.space} />
        <span class={css.linkState} role="status">
          {lost && "Reconnecting…"}
        </span>
        <span class={css.help}>
          <IconButton icon="search" label="Find anything (Ctrl K)" onClick={() => setFinding(true)} />
          <IconButton icon="keyboard" label="Keyboard shortcuts (?)" onClick={() => setHelp(true)} />
        </span>
        <IconButton
          icon={THEME_ICON[theme.value]}
          label={`Theme: ${theme.value}. Switch to ${nextTheme()}`}
          onClick={() => setTheme(nextTheme())}
        />
        <span class={css.person} title={currentUser.value?.email}>
          {currentUser.value?.name || currentUser.value?.email}
        </span>
        <IconButton icon="leave" label="Sign out" onClick={() => void signOut().catch(toastError)} />
      </header>
      <main class={css.main}>{children}</main>
      {finding && <Palette onClose={() => setFinding(false)} />}
      {help && <ShortcutsDialog onClose={() => setHelp(false)} />}
    </div>
  );
}

function isInTerminal(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".xterm, .cm-editor") !== null;
}
