/** The audit log: who changed what, when, and from where. */
import { useState } from "preact/hooks";
import type { AuditEntry } from "@roundhouse/protocol/api/audit";
import { usePages } from "../api/pages.ts";
import { fullTime, localTime } from "../jobs/local-time.ts";
import { now } from "../live/now.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { ShowOlder } from "../parts/show-older.tsx";
import { TableHead } from "../parts/table-head.tsx";
import table from "../parts/table.module.css";
import { SettingsNav } from "../settings/settings-nav.tsx";
import css from "./audit.module.css";
import { actorWords, matchesText } from "./entry-words.ts";

const ENTITIES = [
  ...["instance", "node", "blueprint", "job", "run", "approval", "provider", "secret", "share"],
  ...["api-key", "join-token", "user"],
];
const COLUMNS = ["When", "Who", "Did", "To", "More", "From"];

export function AuditPage() {
  const [entity, setEntity] = useState("");
  const [text, setText] = useState("");
  const path = entity === "" ? "/api/audit" : `/api/audit?entity=${entity}`;
  const { items, error, isPending, loadMore } = usePages<AuditEntry>(["audit", entity], path);
  const shown = items.filter((entry) => matchesText(entry, text));
  return (
    <div class={frame.page}>
      <header class={frame.head}>
        <div>
          <h1>Audit log</h1>
          <p class={frame.quiet}>Everything that changed something</p>
        </div>
        <select
          class={css.kind}
          aria-label="Kind of thing"
          value={entity}
          onChange={(event) => setEntity(event.currentTarget.value)}
        >
          <option value="">everything</option>
          {ENTITIES.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <input
          class={frame.filter}
          type="search"
          placeholder="Filter"
          aria-label="Filter the audit log"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </header>
      <SettingsNav />
      <ErrorNotice error={error} />
      {shown.length === 0 && !isPending && !error && (
        <EmptyPlace title={items.length === 0 ? "Nothing has changed yet" : "Nothing matches the filter"}>
          {loadMore && <p>Older entries are not searched until they are shown.</p>}
        </EmptyPlace>
      )}
      {shown.length > 0 && <Entries entries={shown} />}
      <ShowOlder onMore={loadMore} />
    </div>
  );
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <table class={table.table}>
      <TableHead columns={COLUMNS} />
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td class={table.nowrap}>
              <time dateTime={entry.at} title={fullTime(entry.at)}>
                {localTime(entry.at, now.value)}
              </time>
            </td>
            <td>{actorWords(entry.actor)}</td>
            <td>{entry.action}</td>
            <td class={css.thing}>
              {entry.entity} <strong title={entry.entityId ?? undefined}>{entry.entityName ?? entry.entityId}</strong>
            </td>
            <td class={css.detail}>{entry.detail}</td>
            <td class={table.quiet}>{entry.from}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
