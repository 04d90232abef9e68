/** The list of suggestions below a version's field. Anything else may be typed all the same. */
import { useQuery } from "@tanstack/preact-query";
import { nodeVersionsQuery } from "../api/queries.ts";
import { type VersionField, versionChoices } from "./version-choices.ts";

type VersionListProps = { id: string; nodeId: string; field: VersionField; cuda: string | null };

export function VersionList({ id, nodeId, field, cuda }: VersionListProps) {
  const { data } = useQuery(nodeVersionsQuery(nodeId));
  return (
    <datalist id={id}>
      {data &&
        versionChoices(field, data, cuda).map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
    </datalist>
  );
}
