/** Families as groups of rows, in an order of the person's own. */
import type { Instance } from "@roundhouse/protocol/api/instance";

/** A root and its satellites, or a satellite whose root is not in the list. */
export type Family = { id: string; members: readonly Instance[] };

/** Takes rows that have satellites directly below their root. */
export function groupFamilies(sorted: readonly Instance[]): Family[] {
  const families: { id: string; members: Instance[] }[] = [];
  for (const instance of sorted) {
    const last = families.at(-1);
    if (last !== undefined && instance.parent === last.id) last.members.push(instance);
    else families.push({ id: instance.id, members: [instance] });
  }
  return families;
}

/** Those that the order does not know come last, as they were. */
export function orderFamilies(families: readonly Family[], order: readonly string[]): Family[] {
  const places = new Map(order.map((id, place) => [id, place]));
  const placeOf = ({ id }: Family): number => places.get(id) ?? order.length;
  return families.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** The order with one family at the place of another one. */
export function moveTo(order: readonly string[], id: string, target: string): string[] {
  const to = order.indexOf(target);
  if (to === -1 || id === target) return [...order];
  const rest = order.filter((other) => other !== id);
  return rest.toSpliced(to, 0, id);
}

/** The order with one family one place up or down, among those that are shown. */
export function moveBy(order: readonly string[], id: string, step: -1 | 1): string[] {
  const neighbour = order[order.indexOf(id) + step];
  return neighbour === undefined ? [...order] : moveTo(order, id, neighbour);
}
