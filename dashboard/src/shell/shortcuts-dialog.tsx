/** The list of keyboard shortcuts. */
import { Dialog } from "../parts/dialog.tsx";
import css from "./shell.module.css";

const SHORTCUTS: readonly (readonly [string, string])[] = [
  ["Ctrl K", "Find anything, and do it"],
  ["↑ ↓", "Choose an instance"],
  ["← →", "Into its cells, over them, and back; fold its family"],
  ["F2", "Edit the name, or the cell: Tab goes on, Esc takes back"],
  ["Ctrl S", "Save changes"],
  ["a", "Add a row"],
  ["Alt ↑ ↓", "Move its family"],
  ["Shift F10", "Its menu"],
  ["x", "Pick it"],
  ["Ctrl A", "Pick all"],
  ["Home End", "First or last instance"],
  ["Enter", "Open its log"],
  ["t", "Open its terminal"],
  ["Ctrl Shift ↑", "Leave the terminal"],
  ["Esc", "Close its pane"],
  ["o", "Open the app"],
  ["s", "Start or stop it"],
  ["r", "Restart it"],
  ["Delete", "Delete it"],
  ["Ctrl + - 0", "In the pane: larger, smaller, as it was"],
  ["F2 Delete", "Among files: rename or delete"],
  ["Enter Backspace", "Among files: open, or up to the folder above"],
  ["/", "Filter"],
  ["1 2 3 4 5 6", "Instances, nodes, catalogue, jobs, MCP, settings"],
  ["a d", "Among approvals: approve or deny the chosen one"],
  ["?", "This list"],
];

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class={css.shortcuts}>
        {SHORTCUTS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
