/** The dialog that somebody asked for in the table or in the pane. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { later } from "../parts/later.tsx";
import type { TableAsk } from "./table-ask.ts";

const DeleteDialog = later(async () => (await import("./delete-dialog.tsx")).DeleteDialog);
const EditDialog = later(async () => (await import("./edit-dialog.tsx")).EditDialog);
const RemakeDialog = later(async () => (await import("./remake-dialog.tsx")).RemakeDialog);
const ShareDialog = later(async () => (await import("../shares/share-dialog.tsx")).ShareDialog);
const DeriveDialog = later(async () => (await import("./derive-dialog.tsx")).DeriveDialog);
const UploadDialog = later(async () => (await import("../uploads/upload-dialog.tsx")).UploadDialog);

type AskedProps = { ask: TableAsk; instance: Instance; node: Node | undefined; onClose: () => void };

export function AskedDialog({ ask, instance, node, onClose }: AskedProps) {
  switch (ask) {
    case "delete":
      return <DeleteDialog instance={instance} onClose={onClose} />;
    case "edit":
      return <EditDialog instance={instance} node={node} onClose={onClose} />;
    case "satellite":
    case "copy":
      return <DeriveDialog verb={ask} from={instance} node={node} onClose={onClose} />;
    case "share":
      return <ShareDialog instance={instance} onClose={onClose} />;
    case "upload":
      return <UploadDialog instance={instance} onClose={onClose} />;
    case "update":
    case "rebuild":
    case "reset":
      return <RemakeDialog verb={ask} instance={instance} onClose={onClose} />;
  }
}
