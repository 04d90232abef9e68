/** What the catalogue will say of a script, read from its header while it is typed. */
import { useMemo } from "preact/hooks";
import { parseBashMetadata } from "@roundhouse/protocol/blueprint";
import { Warning } from "../parts/notice.tsx";
import { needsInShort } from "./needs-words.ts";
import { type PreviewRow, PreviewRows } from "./preview-rows.tsx";

/** Keys with a place of their own in the preview. */
const SHOWN = /^(name|category|description|venv_type|venv_path|needs_\w+)$/;

export function HeaderPreview({ source }: { source: string }) {
  const metadata = useMemo(() => parseBashMetadata(source), [source]);
  if (metadata === undefined) {
    return (
      <Warning title="It has no metadata block">
        <p>
          The catalogue reads it between <code>### AIKORE-METADATA-START ###</code> and{" "}
          <code>### AIKORE-METADATA-END ###</code>, a line for each key.
        </p>
      </Warning>
    );
  }
  const { name, category, description, venvType, venvPath, needs, keys } = metadata;
  const others = Object.entries(keys).filter(([key]) => !SHOWN.test(key));
  const rows: readonly PreviewRow[] = [
    ["Title", name ?? "its name"],
    ["Category", category ?? "none"],
    ["Description", description ?? "none"],
    ["Environment", venvType === null ? "none" : `${venvType} in ${venvPath}`],
    ["Needs", needsInShort(needs) ?? "any node"],
    ...others,
  ];
  return <PreviewRows rows={rows} />;
}
