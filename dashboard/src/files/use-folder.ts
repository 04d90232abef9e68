/** The folder that is looked at: its entries in order, and where one goes from there. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { FileEntry } from "@roundhouse/protocol/files";
import { queryClient } from "../api/queries.ts";
import { stored } from "../parts/stored.ts";
import { uploads } from "../uploads/uploads.ts";
import { listFolder, type Spot } from "./api.ts";
import { isViewable, sortEntries, type SortKey } from "./kinds.ts";
import { goTo, joinPath, nameOf, parentOf, type Place, placeOf } from "./place.ts";

const sortKey = stored<SortKey>("roundhouse.files.sort", "name");
const sortDescending = stored<boolean>("roundhouse.files.descending", false);
const NONE: FileEntry[] = [];

export function useFolder(instance: string) {
  const place = placeOf(instance);
  const { root, path } = place;
  const spot: Spot = { instance, root, path };
  const queryKey = ["files", instance, root, path];
  const listing = useQuery({ queryKey, queryFn: () => listFolder(spot), staleTime: 0 });
  const [cameFrom, setCameFrom] = useState<string>();
  const all = listing.data?.items ?? NONE;
  const sorting = { key: sortKey.value, descending: sortDescending.value };
  const entries = useMemo(() => sortEntries(all, sorting), [all, sorting.key, sorting.descending]);
  const viewable = useMemo(() => entries.filter(isViewable), [entries]);
  const refresh = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ["files", instance] });
  const arrived = uploads.value.filter((one) => one.instanceId === instance && one.state === "done").length;
  useEffect(() => void refresh(), [arrived]);

  /** `from` is what has the focus where one arrives. */
  const leave = (from: string, to: Partial<Place>): void => {
    setCameFrom(from);
    goTo(instance, to);
  };
  const up = (): void => {
    if (path !== "") leave(nameOf(path), { path: parentOf(path) });
  };
  const sortBy = (key: SortKey): void => {
    sortDescending.value = sortKey.value === key ? !sortDescending.value : key === "modified";
    sortKey.value = key;
  };
  const spotOf = (name: string): Spot => ({ ...spot, path: joinPath(path, name) });
  return { place, spot, spotOf, listing, entries, viewable, sorting, sortBy, cameFrom, leave, up, refresh };
}

export type Folder = ReturnType<typeof useFolder>;
