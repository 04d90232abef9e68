/** What to do where there is nothing yet. */
import type { FileRoot } from "@roundhouse/protocol/files";
import { EmptyPlace } from "../parts/notice.tsx";

export function EmptyFolder({ root, isRoot }: { root: FileRoot; isRoot: boolean }) {
  if (root === "outputs" && isRoot) {
    return (
      <EmptyPlace title="No outputs yet">
        <p>
          What the app saves into its output folder appears here. Open the app, make something, then read this again.
        </p>
      </EmptyPlace>
    );
  }
  return (
    <EmptyPlace title="This folder is empty">
      <p>Make a file or a folder with the buttons above, or upload files.</p>
    </EmptyPlace>
  );
}
