/** Shortcuts: single keys, silent while somebody types, and `Mod+<key>` (Ctrl or ⌘), which are not. None while a dialog is open. */
import { useEffect, useRef } from "preact/hooks";

export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

export function useShortcuts(shortcuts: Shortcuts): void {
  // Keys may come faster than effects run: the listener always looks at the newest shortcuts.
  const newest = useRef(shortcuts);
  newest.current = shortcuts;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]") !== null) return;
      const withModifier = event.ctrlKey || event.metaKey;
      if (!withModifier && isTyping(event.target)) return;
      newest.current[withModifier ? `Mod+${event.key}` : event.key]?.(event);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox" && target.type !== "radio";
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
