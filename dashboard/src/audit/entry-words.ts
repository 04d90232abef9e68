/** An entry of the audit log in words, and whether a filter finds it. */
import type { AuditEntry } from "@roundhouse/protocol/api/audit";

type Actor = AuditEntry["actor"];

const KINDS: Readonly<Record<Actor["type"], string>> = {
  user: "",
  key: "key ",
  "preset-key": "",
  share: "share ",
  run: "run of ",
  trigger: "",
  node: "node ",
  local: "",
  nobody: "",
};

export function actorWords({ type, name }: Actor): string {
  return `${KINDS[type]}${name}`;
}

/** Every word has to be somewhere in the entry. */
export function matchesText(entry: AuditEntry, text: string): boolean {
  const { actor, action, entity, entityId, entityName, detail, from } = entry;
  const all = [actorWords(actor), action, entity, entityId, entityName, detail, from].join(" ").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
