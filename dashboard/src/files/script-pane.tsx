/** The editor's own tab: the script that the instance runs. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { showTab } from "../instances/selection.ts";
import { EmptyPlace } from "../parts/notice.tsx";
import { toastError } from "../shell/toasts.tsx";
import { downloadFile } from "./download.ts";
import { EditorPane, LAUNCH_SCRIPT } from "./editor-pane.tsx";
import css from "./files.module.css";

/** Give it the instance's id as key. */
export function ScriptPane({ instance }: { instance: Instance }) {
  const spot = { instance: instance.id, root: "instance", path: LAUNCH_SCRIPT } as const;
  return (
    <section class={css.pane} aria-label={`Script of ${instance.name}`}>
      <EditorPane
        instance={instance}
        spot={spot}
        missing={<NoScript instance={instance} />}
        onDownload={() => void downloadFile(spot, LAUNCH_SCRIPT, 0).catch(toastError)}
        onLeave={() => showTab(instance.id, "files")}
      />
    </section>
  );
}

function NoScript({ instance }: { instance: Instance }) {
  return instance.parent === null ? (
    <EmptyPlace title="No script yet">
      <p>Its node writes the launch script at the first start. Start it, then the script can be changed here.</p>
    </EmptyPlace>
  ) : (
    <EmptyPlace title="A satellite runs its parent's script">
      <p>Change it at the parent: both take it over at their next start.</p>
    </EmptyPlace>
  );
}
