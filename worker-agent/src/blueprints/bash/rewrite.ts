/** The hard paths that existing scripts assume, turned into paths of this node's data root. */
import { LaunchError } from "../runtime.ts";

export type HardPaths = {
  /** What stands at /opt/sd-install. */
  libraryDir: string;
  condaDir: string;
  /** What stands at /home/abc. */
  homeDir: string;
  /** What stands at /config/<name>, by name. */
  configDirs: Record<string, string>;
  /** What stands at /config for every other name. */
  configDir: string;
};

/** Characters that mean the same in every place a script may have a path: bare, quoted, in a here-document or a sed expression. */
const SAFE_PATH = /^[\w./+@%,:=-]+$/;

/** Where a path may begin: not within a word, a longer path, a URL, or behind an expansion (`${X}/config`, `"$X"/config`). */
const SEPARATOR = "[\\s=(:,;|&<>{[`@#!]";
const BEFORE = `(?:(?<![\\w./~})\\]*?%+$\\\\'"-])|(?<=:-)|(?<=(?:^|${SEPARATOR}|:-)\\\\?["']{1,2}))`;
/** Where a name has ended. */
const AFTER = "(?![\\w.+@%~*?-])";

/**
 * The script with its hard paths replaced, as whole names only. The path is written out, not as a variable: scripts
 * have such paths in single quotes and quoted here-documents too, where none is expanded. So a data root with a blank
 * or a quote in it cannot be put in: LaunchError `unsafe_data_root`, unless the script has no hard path at all.
 */
export function rewriteHardPaths(script: string, paths: HardPaths): string {
  return Object.entries(targets(paths)).reduce(
    (text, [pattern, target]) => text.replace(new RegExp(BEFORE + pattern, "gm"), () => safe(target)),
    script,
  );
}

/** Patterns in the order they apply: longer names first. */
function targets(paths: HardPaths): Record<string, string> {
  const names = Object.keys(paths.configDirs);
  return {
    [`/opt/sd-install${AFTER}`]: paths.libraryDir,
    [`/home/abc/miniconda3${AFTER}`]: paths.condaDir,
    [`/home/abc${AFTER}`]: paths.homeDir,
    ...Object.fromEntries(names.map((name) => [`/config/${name}${AFTER}`, paths.configDirs[name] ?? ""])),
    // Only with a name behind it: `/config` alone is as often a route of a web app. `modelsX` is not `models`, and stays.
    [`/config(?=/(?!(?:${names.join("|")})[\\w.+@%~*?-])[\\w.$"'{])`]: paths.configDir,
  };
}

function safe(path: string): string {
  if (SAFE_PATH.test(path)) return path;
  throw new LaunchError(
    "unsafe_data_root",
    `This script has fixed paths, and ${JSON.stringify(path)} cannot take their place: it has characters that a shell would read as its own.`,
    "Start the worker agent with --data on a path of letters, digits, and . _ - / only.",
  );
}
