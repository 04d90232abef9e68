/** The pages of one area, as a row of links below the bar. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { classes } from "./classes.ts";
import css from "./page-nav.module.css";

type PageNavProps = { label: string; pages: readonly { path: string; label: string; badge?: ComponentChildren }[] };

export function PageNav({ label, pages }: PageNavProps) {
  const [path] = useLocation();
  const row = useRef<HTMLElement>(null);
  // Where there is little room the row is scrolled.
  useEffect(() => {
    row.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [path]);
  return (
    <nav ref={row} class={css.row} aria-label={label}>
      {pages.map((page) => (
        <Link
          key={page.path}
          href={page.path}
          class={classes(css.link, page.path === path && css.current)}
          aria-current={page.path === path ? "page" : undefined}
        >
          {page.label}
          {page.badge}
        </Link>
      ))}
    </nav>
  );
}
