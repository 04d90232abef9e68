/** A menu at a place of the window: arrows, first letters, Esc; the focus goes back to where it was. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";
import css from "./menu.module.css";

export type MenuItem = {
  label: string;
  icon?: IconName;
  /** The key that does the same without the menu. */
  shortcut?: string;
  tone?: "bad";
  /** Why it cannot be done. It can still be reached, so that the reason can be read. */
  blocked?: string | undefined;
  /** For one that is on or off; the menu stays open. */
  checked?: boolean;
  /** A line above it. */
  begins?: boolean;
  act: () => void;
};

type MenuProps = { label: string; items: readonly MenuItem[]; x: number; y: number; onClose: () => void };
const MARGIN_PX = 6;

export function Menu({ label, items, x, y, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const before = useRef(document.activeElement);
  // Before the next key arrives, which is for the menu already.
  useLayoutEffect(() => {
    const element = menu.current;
    if (element === null) return undefined;
    element.showPopover();
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(MARGIN_PX, Math.min(x, innerWidth - width - MARGIN_PX))}px`;
    element.style.top = `${Math.max(MARGIN_PX, Math.min(y, innerHeight - height - MARGIN_PX))}px`;
    focusItem(element, 0);
    const onPointerDown = ({ target }: Event): void => {
      if (!(target instanceof Node) || !element.contains(target)) onClose();
    };
    document.addEventListener("pointerdown", onPointerDown);
    return () => document.removeEventListener("pointerdown", onPointerDown);
  }, [x, y]);
  const close = (): void => {
    if (before.current instanceof HTMLElement) before.current.focus();
    onClose();
  };
  const choose = (item: MenuItem): void => {
    if (item.blocked !== undefined) return;
    if (item.checked === undefined) close();
    item.act();
  };
  return (
    <div
      ref={menu}
      class={css.menu}
      role="menu"
      aria-label={label}
      popover="manual"
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => handleKey(event, menu.current, close)}
    >
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role={item.checked === undefined ? "menuitem" : "menuitemcheckbox"}
          class={`${css.item} ${item.begins ? css.begins : ""} ${item.tone === "bad" ? css.bad : ""}`}
          tabIndex={-1}
          aria-checked={item.checked}
          aria-disabled={item.blocked === undefined ? undefined : "true"}
          aria-description={item.blocked}
          title={item.blocked}
          onPointerMove={(event) => event.currentTarget.focus()}
          onClick={() => choose(item)}
        >
          <span class={css.icon}>{iconOf(item)}</span>
          {item.label}
          {item.shortcut && <kbd aria-hidden="true">{item.shortcut}</kbd>}
        </button>
      ))}
    </div>
  );
}

function iconOf({ icon, checked }: MenuItem) {
  if (checked !== undefined) return checked && <Icon name="check" />;
  return icon && <Icon name={icon} />;
}

function handleKey(event: KeyboardEvent, menu: HTMLElement | null, close: () => void): void {
  if (menu === null) return;
  const items = itemsOf(menu);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => focusItem(menu, at + 1),
    ArrowUp: () => focusItem(menu, at - 1),
    Home: () => focusItem(menu, 0),
    End: () => focusItem(menu, -1),
    Escape: close,
    Tab: close,
  };
  // The page behind has keys of the same names; Enter and Space are the button's.
  event.stopPropagation();
  const act = keys[event.key];
  if (act === undefined && event.key.length === 1 && event.key !== " ") focusLetter(items, at, event.key);
  if (act === undefined) return;
  event.preventDefault();
  act();
}

/** The next one, going round, that begins with the letter. */
function focusLetter(items: readonly HTMLElement[], at: number, letter: string): void {
  const round = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  round.find(({ textContent }) => textContent?.trim().toLowerCase().startsWith(letter.toLowerCase()))?.focus();
}

function focusItem(menu: HTMLElement, at: number): void {
  const items = itemsOf(menu);
  items[(at + items.length) % items.length]?.focus();
}

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("button")];
}
