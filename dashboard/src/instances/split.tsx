/** The page of instances in two: the table, and the pane below or beside it. */
import type { ComponentChildren } from "preact";
import { Divided } from "../parts/divided.tsx";
import { shownWay, tableShare } from "./arrangement.ts";

export function Split({ top, bottom }: { top: ComponentChildren; bottom: ComponentChildren | null }) {
  const way = shownWay();
  const label = way === "rows" ? "Height of the pane" : "Width of the pane";
  return <Divided way={way} share={tableShare[way]} label={label} first={top} second={bottom} />;
}
