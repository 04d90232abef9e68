/** The agent's own words, for whoever reads its terminal or journal. */

export function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}
