/** A signal that this browser remembers. */
import { effect, signal, type Signal } from "@preact/signals";

export function stored<T extends string | number | boolean>(key: string, initial: T): Signal<T> {
  const value = signal<T>(load(key, initial));
  effect(() => localStorage.setItem(key, JSON.stringify(value.value)));
  return value;
}

function load<T>(key: string, initial: T): T {
  const text = localStorage.getItem(key);
  if (text === null) return initial;
  try {
    const value = JSON.parse(text) as T;
    return typeof value === typeof initial ? value : initial;
  } catch {
    return initial; // Somebody else's value under our key.
  }
}
