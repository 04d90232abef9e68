/** What to do where there is nothing yet. */
import type { FileRoot } from "@roundhouse/protocol/files";
import { EmptyPlace } from "../parts/notice.tsx";

type EmptyProps = { root: FileRoot; isRoot: boolean; isSatellite: boolean };

export function EmptyFolder({ root, isRoot, isSatellite }: EmptyProps) {
  if (root === "outputs" && isRoot) {
    return (
      <EmptyPlace title="No outputs yet">
        <p>
          What the app saves into its output folder appears here. Open the app, make something, then read this again.
        </p>
      </EmptyPlace>
    );
  }
  if (root === "instance" && isRoot && isSatellite) {
    return (
      <EmptyPlace title="Nothing of its own yet">
        <p>A satellite runs from its parent's installation: its files are with the parent.</p>
      </EmptyPlace>
    );
  }
  return (
    <EmptyPlace title="This folder is empty">
      <p>Make a file or a folder with the buttons above, or upload files.</p>
    </EmptyPlace>
  );
}
