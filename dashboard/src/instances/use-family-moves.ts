/** Moves families, from the order that the table shows now. */
import { useCallback, useRef } from "preact/hooks";
import { type Family, moveBy, moveTo } from "./families.ts";
import { setOrder } from "./use-rows.ts";

type Moves = { onMove: (id: string, target: string) => void; onMoveBy: (id: string, step: -1 | 1) => void };

export function useFamilyMoves(families: readonly Family[]): Moves {
  const newest = useRef(families);
  newest.current = families;
  const order = (): string[] => newest.current.map(({ id }) => id);
  return {
    onMove: useCallback((id, target) => setOrder(moveTo(order(), id, target)), []),
    onMoveBy: useCallback((id, step) => setOrder(moveBy(order(), id, step)), []),
  };
}
