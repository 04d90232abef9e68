/** Links that let somebody without an account use one app for a while. */
import { useState } from "preact/hooks";
import type { Instance, InstancePort } from "@roundhouse/protocol/api/instance";
import type { NewShare } from "@roundhouse/protocol/api/share";
import { call } from "../api/call.ts";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { queryClient, sharesQuery } from "../api/queries.ts";
import { webPorts } from "../instances/web-ports.ts";
import { Button } from "../parts/button.tsx";
import { CopyField } from "../parts/copy.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { SelectField, TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import css from "./shares.module.css";
import { ShareList } from "./share-list.tsx";

const LIFETIMES = [
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "1 day" },
  { value: "604800", label: "7 days" },
  { value: "2592000", label: "30 days" },
];
const FIELDS = ["name", "path"];

export function ShareDialog({ instance, onClose }: { instance: Instance; onClose: () => void }) {
  const [name, setName] = useState("");
  const [path, setPath] = useState("/");
  const [lifetime, setLifetime] = useState("86400");
  const [portIndex, setPortIndex] = useState("0");
  const [made, setMade] = useState<NewShare | null>(null);
  const ports = webPorts(instance);
  const { submit, busy, error } = useSubmit(async () => {
    const chosen = ports[Number(portIndex)];
    const port = chosen?.name ?? chosen?.port ?? undefined;
    const input = { name: name.trim() || null, path: path.trim() || "/", expiresInSeconds: Number(lifetime), port };
    setMade(await call<NewShare>("POST", `/api/instances/${instance.id}/shares`, input));
    setName("");
    await queryClient.invalidateQueries({ queryKey: sharesQuery(instance.id).queryKey });
  });
  const errors = fieldErrors(error);
  return (
    <Dialog
      wide
      title={`Share ${instance.name}`}
      onClose={onClose}
      onSubmit={made ? () => setMade(null) : submit}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look={made ? "plain" : "primary"} busy={busy}>
            {made ? "Make another" : "Make the link"}
          </Button>
        </>
      }
    >
      {made ? (
        <>
          <p>Whoever has this link can use the app until it ends. It is shown only here.</p>
          <CopyField text={made.url} label="The new link" />
        </>
      ) : (
        <>
          <p>A link opens this app, and nothing else, for whoever has it.</p>
          <ErrorNotice error={formError(error, FIELDS)} />
          <div class={css.fields}>
            <TextField
              label="For (optional)"
              placeholder="whom it is for"
              value={name}
              maxLength={60}
              error={errors.name}
              onInput={setName}
            />
            <SelectField label="Ends after" options={LIFETIMES} value={lifetime} onChange={setLifetime} />
            {ports.length > 1 && (
              <SelectField
                label="Port"
                options={ports.map((port, index) => ({ value: String(index), label: portLabel(port) }))}
                value={portIndex}
                onChange={setPortIndex}
              />
            )}
            <TextField label="Opens at" mono value={path} error={errors.path} onInput={setPath} />
          </div>
        </>
      )}
      <ShareList instanceId={instance.id} />
    </Dialog>
  );
}

function portLabel({ name, port }: InstancePort): string {
  return [name, port].filter((part) => part !== null).join(" · ");
}
