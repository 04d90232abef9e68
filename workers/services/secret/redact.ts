/** Takes values of secrets out of texts. */

export function makeRedactor(values: readonly string[]): (text: string) => string {
  const ordered = values.toSorted((one, other) => other.length - one.length);
  return (text) => ordered.reduce((left, value) => left.replaceAll(value, "[secret]"), text);
}
