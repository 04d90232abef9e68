/** A page or dialog whose code is fetched when it is first shown, or before, while the browser has nothing else to do. */
import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorNotice } from "./notice.tsx";

type Loaded<Props> = { page: FunctionComponent<Props> } | { error: unknown };

const FETCH_AHEAD_MS = 1_500;

/** Large code that few will want waits until it is wanted: `ahead: false`. */
export function later<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
  { ahead = true } = {},
): FunctionComponent<Props> {
  let loading: Promise<FunctionComponent<Props>> | undefined;
  let loaded: FunctionComponent<Props> | undefined;
  const start = (): Promise<FunctionComponent<Props>> => {
    loading ??= load().then((page) => (loaded = page));
    return loading;
  };
  const fetchAhead = (): void => {
    // A failure is told when the page is wanted.
    start().catch(() => (loading = undefined));
  };
  if (ahead) setTimeout(fetchAhead, FETCH_AHEAD_MS);

  return function Later(props) {
    const [state, setState] = useState<Loaded<Props> | undefined>(loaded && { page: loaded });
    useEffect(() => {
      start()
        .then((page) => setState({ page }))
        .catch((error: unknown) => setState({ error }));
    }, []);
    if (state === undefined) return null;
    if ("error" in state)
      return <ErrorNotice error={state.error}>Reload the page: it may have been updated.</ErrorNotice>;
    return <state.page {...props} />;
  };
}
