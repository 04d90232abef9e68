/** What a request changes, read from the path that its route declares: a new route is told by itself. */

/** How a route says it otherwise: other words, or `false` for one that changes nothing. */
export type AuditRule = { action?: string; entity?: string } | false;

/** What the path names of the thing, and of the things that it is in; values as they stand in the path's parameters. */
export type Change = { action: string; entity: string; id: string | null; within: { entity: string; id: string }[] };

type Item = { word: string; param: string | null };
export type ChangeReader = (params: Readonly<Record<string, string>>) => Change;

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
const VERBS: Readonly<Record<string, string>> = { POST: "create", PUT: "put", PATCH: "change", DELETE: "delete" };

/**
 * `POST /api/instances/{id}/start` starts an instance, `POST /api/instances/{id}/shares` creates a share: the last word that
 * is a collection (it has a parameter, or is a plural) is what is changed, words behind it are the verb. null: nothing changes.
 */
export function changeOf(method: string, path: string, rule: AuditRule | undefined): ChangeReader | null {
  if (SAFE_METHODS.has(method) || rule === false) return null;
  const items = itemsOf(path);
  const place = Math.max(
    0,
    items.findLastIndex(({ word, param }) => param !== null || word.endsWith("s")),
  );
  const { word = "", param = null } = items[place] ?? {};
  const verb = items.slice(place + 1).map((item) => item.word);
  const action = rule?.action ?? (verb.length > 0 ? verb.join("-") : (VERBS[method] ?? method.toLowerCase()));
  const entity = rule?.entity ?? singular(word);
  return (params) => ({ action, entity, id: valueOf(params, param), within: within(items.slice(0, place), params) });
}

function itemsOf(path: string): Item[] {
  const items: Item[] = [];
  for (const segment of path.replace(/^\/api\//, "").split("/")) {
    const param = /^\{(\w+)\}/.exec(segment)?.[1];
    const last = items.at(-1);
    if (param === undefined) items.push({ word: segment, param: null });
    else if (last) last.param = param;
  }
  return items;
}

function within(items: Item[], params: Readonly<Record<string, string>>): Change["within"] {
  return items.flatMap(({ word, param }) => {
    const id = valueOf(params, param);
    return id === null ? [] : [{ entity: singular(word), id }];
  });
}

function valueOf(params: Readonly<Record<string, string>>, param: string | null): string | null {
  return param === null ? null : (params[param] ?? null);
}

function singular(word: string): string {
  return word.replace(/s$/, "");
}
