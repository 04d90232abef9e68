/** Asks before something is removed for good, and shows what went wrong when it could not be. */
import type { ComponentChildren } from "preact";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ErrorNotice } from "./notice.tsx";
import { useSubmit } from "./submit.ts";

type RemoveDialogProps = {
  /** What is removed, as its owner calls it. */
  name: string;
  remove: () => Promise<void>;
  onClose: () => void;
  /** What that means. */
  children: ComponentChildren;
};

export function RemoveDialog({ name, remove, onClose, children }: RemoveDialogProps) {
  const { submit, busy, error } = useSubmit(async () => {
    await remove();
    onClose();
  });
  return (
    <Dialog
      title={`Remove ${name}?`}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="danger" icon="trash" busy={busy}>
          Remove
        </Button>
      }
    >
      <ErrorNotice error={error} />
      {children}
    </Dialog>
  );
}
