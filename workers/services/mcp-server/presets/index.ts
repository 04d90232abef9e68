/** The presets, in the order in which they are shown. Adding one is a file, and a line here. */
import { braveSearch } from "./brave-search.ts";
import { fetchPages } from "./fetch.ts";
import { filesystem } from "./filesystem.ts";
import { git } from "./git.ts";
import { memory } from "./memory.ts";
import { postgres } from "./postgres.ts";
import type { Preset } from "./preset.ts";

export const presets: readonly Preset[] = [filesystem, git, postgres, braveSearch, fetchPages, memory];
