/** Asks before an installation is updated, its environment rebuilt, or all of it made anew. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { call } from "../api/call.ts";
import { instancesQuery, queryClient } from "../api/queries.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { type RemakeVerb, remakeWords } from "./remake-words.ts";

export function RemakeDialog({
  verb,
  instance,
  onClose,
}: {
  verb: RemakeVerb;
  instance: Instance;
  onClose: () => void;
}) {
  const { title, button, what, look } = remakeWords(verb, instance.kind);
  const runs = instance.desired === "running";
  const { submit, busy, error } = useSubmit(async () => {
    await call("POST", `/api/instances/${instance.id}/${verb}`);
    await queryClient.invalidateQueries({ queryKey: instancesQuery.queryKey });
    toast(runs ? `${instance.name} is launched anew.` : `${instance.name}: ready for its next start.`);
    onClose();
  });
  return (
    <Dialog
      title={`${title} ${instance.name}?`}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look={look} busy={busy}>
          {button}
        </Button>
      }
    >
      <ErrorNotice error={error} />
      <p>{what}</p>
      <p>{runs ? "It is running: it is stopped first, and started again." : "It is not running: it stays so."}</p>
    </Dialog>
  );
}
