/** The metadata header of a bash blueprint, as existing scripts write it. Read by the catalogue and by the agent. */

export type BashMetadata = {
  name: string | null;
  description: string | null;
  category: string | null;
  venvType: "conda" | "python" | null;
  /** Relative to the instance's folder. */
  venvPath: string;
  /** Every key found, unknown ones included. */
  keys: Record<string, string>;
};

const START = "### AIKORE-METADATA-START ###";
const END = "### AIKORE-METADATA-END ###";
const DEFAULT_VENV_PATH = "./env";

/**
 * The metadata of a script, or undefined when it has no block. The block may stand before the shebang or behind a junk
 * first line; a line is `# aikore.<key> = <value>`, split at the first `=`.
 */
export function parseBashMetadata(source: string): BashMetadata | undefined {
  const lines = source.split(/\r?\n/);
  const start = lines.findIndex((line) => line.includes(START));
  const end = lines.findIndex((line, index) => index > start && line.includes(END));
  if (start < 0 || end < 0) return undefined;
  const keys: Record<string, string> = {};
  for (const line of lines.slice(start + 1, end)) {
    const match = /^\s*#\s*aikore\.([A-Za-z0-9_-]+)\s*=(.*)$/.exec(line);
    if (match?.[1] && match[2] !== undefined) keys[match[1]] = match[2].trim();
  }
  const venvType = keys["venv_type"];
  return {
    name: keys["name"] || null,
    description: keys["description"] || null,
    category: keys["category"] || null,
    venvType: venvType === "conda" || venvType === "python" ? venvType : null,
    venvPath: keys["venv_path"] || DEFAULT_VENV_PATH,
    keys,
  };
}
