/** What stands below a list that comes in pages, the newest first. */
import { Button } from "./button.tsx";

/** `onMore` is undefined where there are no older ones. */
export function ShowOlder({ onMore }: { onMore: (() => void) | undefined }) {
  if (onMore === undefined) return null;
  return (
    <div>
      <Button icon="down" onClick={onMore}>
        Show older ones
      </Button>
    </div>
  );
}
