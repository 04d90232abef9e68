/** One of the two places of the pane: its tabs, what is chosen of them, and how large that is. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { later } from "../parts/later.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { PANE_TABS, type Shown, VIEW_TAB } from "./pane-tabs.tsx";
import css from "./pane-place.module.css";
import { zoomAfterKey, zoomOf } from "./zoom.ts";
import { ZoomTools } from "./zoom-tools.tsx";

const AppView = later(async () => (await import("../app-view/app-view.tsx")).AppView);

type PlaceProps = Shown & {
  /** For those who cannot see where it stands. */
  label: string;
  tab: string;
  onTab: (tab: string) => void;
  tools: ComponentChildren;
};

export function PanePlace({ instance, node, label, tab, onTab, tools }: PlaceProps) {
  const shown = PANE_TABS.find(({ id }) => id === tab) ?? PANE_TABS[0];
  const wasViewed = useRef(false);
  if (!shown) return null;
  const zoom = zoomOf(shown.id);
  const isViewed = shown.id === VIEW_TAB;
  wasViewed.current ||= isViewed;
  // Seen before a terminal or editor sees it: it would type it.
  const onKeyDownCapture = (event: KeyboardEvent): void => {
    const next = zoomAfterKey(event, zoom.value);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    zoom.value = next;
  };
  return (
    <div class={css.place}>
      <Tabs
        label={label}
        tabs={PANE_TABS}
        chosen={shown.id}
        onChoose={onTab}
        context={{ instance, node }}
        panelProps={{ onKeyDownCapture, style: { "--pane-zoom": zoom.value / 100 } }}
        tools={
          <span class={css.tools}>
            <ZoomTools zoom={zoom} what={shown.label} />
            {tools}
          </span>
        }
      >
        {wasViewed.current && (
          <AppView instance={instance} node={node} isShown={isViewed} zoom={zoomOf(VIEW_TAB).value / 100} />
        )}
      </Tabs>
    </div>
  );
}
