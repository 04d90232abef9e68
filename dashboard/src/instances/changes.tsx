/** What saving the edits of an instance will do: old and new of every field, and what comes of it. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { needsRestart } from "@roundhouse/protocol/changes";
import { canStart } from "./actions.ts";
import css from "./changes.module.css";
import { changeOf, editedFields, type Field, isContested, type RowEdits, valueOf } from "./edits.ts";
import { textOf } from "./value-words.ts";
import { variableChanges } from "./variable-words.ts";

const LABELS: Readonly<Record<Field, string>> = {
  name: "Name",
  blueprint: "Blueprint",
  pythonVersion: "Python",
  cudaVersion: "CUDA",
  torchVersion: "Torch",
  outputPath: "Outputs",
  gpuIds: "GPUs",
  autostart: "Start with its node",
  restartPolicy: "Restart",
  port: "Port",
  ports: "More ports",
  env: "Variables",
  hostname: "Host name",
};

type ChangesProps = { instance: Instance; node: Node | undefined; row: RowEdits };

export function Changes({ instance, node, row }: ChangesProps) {
  return (
    <>
      <dl class={css.fields}>
        {editedFields(row).map((field) => (
          <div key={field}>
            <dt>{LABELS[field]}</dt>
            <dd>
              <Change field={field} {...{ instance, node, row }} />
              {isContested(instance, row, field) && (
                <p class={css.warning}>Somebody else changed it while you did: saving takes yours.</p>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {warningsFor(instance, row).map((text) => (
        <p key={text} class={css.warning}>
          {text}
        </p>
      ))}
    </>
  );
}

function Change({ field, instance, node, row }: ChangesProps & { field: Field }) {
  if (field !== "env") {
    return (
      <OldAndNew
        before={textOf(field, valueOf(instance, field), node)}
        after={textOf(field, row[field]?.value, node)}
      />
    );
  }
  return (
    <ul>
      {variableChanges(instance.env, row.env?.value ?? []).map(({ name, before, after }, index) => (
        <li key={index}>
          <code>{name}</code>: <OldAndNew before={before} after={after} />
        </li>
      ))}
    </ul>
  );
}

function OldAndNew({ before, after }: { before: string; after: string }) {
  return (
    <>
      <del>{before}</del> → <ins>{after}</ins>
    </>
  );
}

export function RestartsNow() {
  return <span class={css.restarts}>restarts now</span>;
}

/** Whether the edits launch it anew, unless they are told to wait. */
export function isRestarting(instance: Instance, row: RowEdits): boolean {
  return !canStart(instance) && instance.desired === "running" && needsRestart(instance, changeOf(row));
}

function warningsFor(instance: Instance, row: RowEdits): string[] {
  const warnings = [];
  if (row.name) warnings.push("Its URL follows the name; the old one leads to the new one.");
  if (row.hostname) warnings.push(hostnameWarning(instance, row.hostname.value));
  if (row.outputPath) warnings.push("What it has made so far stays in the old outputs folder.");
  if (row.blueprint) warnings.push("Its launch script is made anew from the other blueprint.");
  return warnings;
}

function hostnameWarning({ hostname }: Instance, wanted: string | null): string {
  if (wanted !== null) return `Open and share links lead to ${wanted} then, which must lead to this control plane.`;
  return `What is open at ${hostname ?? "its host name"} ends, and links to it lead nowhere.`;
}
