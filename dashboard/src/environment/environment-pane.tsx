/** What is in an instance's Python environment: versions, and what does not fit together. Asked for when a person wants it. */
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { VersionReport } from "@roundhouse/protocol/api/versions";
import { OWN_SOURCE } from "@roundhouse/protocol/own-source";
import { call } from "../api/call.ts";
import { blockedFor } from "../api/session.ts";
import { showTab } from "../instances/selection.ts";
import { Button } from "../parts/button.tsx";
import { CopyButton } from "../parts/copy.tsx";
import { EmptyPlace, ErrorNotice, Warning } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import css from "./environment.module.css";
import { factsOf, inText } from "./words.ts";

export function EnvironmentPane({ instance }: { instance: Instance }) {
  if (instance.kind !== "container") return <Versions instance={instance} />;
  return (
    <section class={css.pane} aria-label={`Environment of ${instance.name}`}>
      <EmptyPlace title="What it runs is in its image">
        <p>A container has no Python environment on its node. Another version is another image.</p>
        <Button icon="pencil" onClick={() => showTab(instance.id, "editor")}>
          See its {OWN_SOURCE.container}
        </Button>
      </EmptyPlace>
    </section>
  );
}

function Versions({ instance }: { instance: Instance }) {
  const [report, setReport] = useState<VersionReport>();
  const { submit, busy, error } = useSubmit(async () => {
    setReport(await call<VersionReport>("POST", `/api/instances/${instance.id}/version-check`));
  });
  return (
    <section class={css.pane} aria-label={`Environment of ${instance.name}`} aria-busy={busy}>
      <div class={css.tools}>
        <Button icon="search" look="primary" busy={busy} blocked={blockedFor("operator")} onClick={submit}>
          {report ? "Check again" : "Check versions"}
        </Button>
        {busy && <span class={css.quiet}>Asking its Python; where PyTorch is, this takes a while.</span>}
        {report && !busy && <CopyButton text={inText(instance.name, report)} label="Copy the report" />}
      </div>
      <ErrorNotice error={error} />
      {!report && !busy && error === undefined && (
        <EmptyPlace title="Not checked yet">
          <p>See which Python, PyTorch and CUDA it has, and whether its packages fit together.</p>
        </EmptyPlace>
      )}
      {report && <Report report={report} />}
    </section>
  );
}

function Report({ report }: { report: VersionReport }) {
  const { environment, packages, conflicts } = report;
  return (
    <>
      {environment === null && (
        <Warning title="It has no environment of its own">
          Neither a virtual environment nor one of conda lies in its folder. Its script may make one at the next start.
        </Warning>
      )}
      {conflicts !== null && conflicts.length > 0 && (
        <Warning title={conflictsTitle(conflicts.length)}>
          <ul class={css.conflicts}>
            {conflicts.map((conflict) => (
              <li key={conflict}>
                <code>{conflict}</code>
              </li>
            ))}
          </ul>
        </Warning>
      )}
      {environment !== null && (
        <p class={css.quiet}>
          {conflicts === null && "pip is not in this environment, so conflicts cannot be looked for."}
          {conflicts?.length === 0 && "Its packages fit together."}
        </p>
      )}
      <div class={css.tables}>
        <Table label="Packages" rows={packages.map(({ name, version }) => [name, version ?? "–"])} />
        <Table label="Around it" rows={factsOf(report)} />
      </div>
    </>
  );
}

function conflictsTitle(count: number): string {
  return count === 1 ? "A package does not fit the others" : `${count} times packages do not fit together`;
}

type TableProps = { label: string; rows: readonly (readonly [string, string])[] };

function Table({ label, rows }: TableProps) {
  if (rows.length === 0) return null;
  return (
    <table class={css.table}>
      <caption>{label}</caption>
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
