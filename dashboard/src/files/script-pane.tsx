/** The editor's own tab: what the instance runs, which is its own copy of its blueprint. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { OWN_SOURCE } from "@roundhouse/protocol/own-source";
import { showTab } from "../instances/selection.ts";
import { EmptyPlace } from "../parts/notice.tsx";
import { toastError } from "../shell/toasts.tsx";
import { downloadFile } from "./download.ts";
import { EditorPane } from "./editor-pane.tsx";
import css from "./files.module.css";

/** Give it the instance's id as key. */
export function ScriptPane({ instance }: { instance: Instance }) {
  const spot = { instance: instance.id, root: "instance", path: OWN_SOURCE[instance.kind] } as const;
  return (
    <section class={css.pane} aria-label={`Script of ${instance.name}`}>
      <EditorPane
        instance={instance}
        spot={spot}
        missing={<NoScript instance={instance} />}
        onDownload={() => void downloadFile(spot, spot.path, 0).catch(toastError)}
        onLeave={() => showTab(instance.id, "files")}
      />
    </section>
  );
}

function NoScript({ instance }: { instance: Instance }) {
  return instance.parent === null ? (
    <EmptyPlace title={`No ${OWN_SOURCE[instance.kind]} yet`}>
      <p>Its node writes it at the first start. Start it, then what it runs can be changed here.</p>
    </EmptyPlace>
  ) : (
    <EmptyPlace title={`A satellite runs its parent's ${OWN_SOURCE[instance.kind]}`}>
      <p>Change it at the parent: both take it over at their next start.</p>
    </EmptyPlace>
  );
}
