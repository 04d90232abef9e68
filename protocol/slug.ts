/** Slugs: the first DNS label of an app URL. */

/** Longest slug; leaves room in a DNS label (63) for `-2`, `-3`, … and for `--<port name>`. */
const MAX_SLUG_LENGTH = 40;
/** `xn` because `xn--…` is how names beyond ASCII are written. */
const RESERVED = new Set(["www", "api", "app", "apps", "admin", "link", "open", "localhost", "xn"]);

/** A DNS-safe slug of a name: lower case, one dash for each run of other characters. `My.App__2` → `my-app-2`. */
export function slugify(name: string): string {
  const slug = name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_SLUG_LENGTH)
    .replaceAll(/^-+|-+$/g, "");
  if (slug === "") return "instance";
  return RESERVED.has(slug) ? `${slug}-1` : slug;
}

/** The first of `slug`, `slug-2`, `slug-3`, … that is not taken. */
export function freeSlug(slug: string, taken: ReadonlySet<string>): string {
  if (!taken.has(slug)) return slug;
  let number = 2;
  while (taken.has(`${slug}-${number}`)) number += 1;
  return `${slug}-${number}`;
}
