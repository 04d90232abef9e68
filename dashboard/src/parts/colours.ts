/** The colours of the style sheet for what is painted by a script, and word of when they change. */

/** Computed colours of custom properties (`ink-faint`, without the dashes), as they are where `host` stands. */
export function readColours<Name extends string>(host: HTMLElement, names: readonly Name[]): Record<Name, string> {
  const probe = document.createElement("span");
  host.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Name, string>;
  probe.remove();
  return colours;
}

/** Calls `apply` whenever the theme is another one. Answers how to end that. */
export function watchTheme(apply: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = new MutationObserver(apply);
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  system.addEventListener("change", apply);
  return () => {
    chosen.disconnect();
    system.removeEventListener("change", apply);
  };
}
