/** Gives a name that nobody chose a number when it is taken: `box`, `box-2`, `box-3`. */
export function freeName(wanted: string, taken: readonly { name: string }[]): string {
  const names = new Set(taken.map(({ name }) => name.toLowerCase()));
  let name = wanted;
  for (let number = 2; names.has(name.toLowerCase()); number += 1) name = `${wanted}-${number}`;
  return name;
}
