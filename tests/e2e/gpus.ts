/** Graphics cards for a house: an `nvidia-smi` of our own that its node finds first. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const MIB_EACH = 24_564;

export type Cards = {
  /** For the start of a house. */
  settings: Record<string, string>;
  /** From now on the driver tells of that process, which holds so much of a card. */
  hold(pid: number, mebibytes: number): Promise<void>;
  remove(): Promise<void>;
};

export async function makeCards(count: number): Promise<Cards> {
  const folder = await mkdtemp(join(tmpdir(), "roundhouse-cards-"));
  const lines = Array.from({ length: count }, (_, index) => {
    return `${index}, GPU-${index}, NVIDIA GeForce RTX 4090, ${MIB_EACH}, 550.54.14, ${index * 1000}, 0, 35, 18.02`;
  });
  const held = join(folder, "held");
  await writeFile(held, "");
  const script = `#!/bin/sh\ncase "$*" in *compute-apps*) cat ${held} ;; *) echo '${lines.join("\n")}' ;; esac\n`;
  await writeFile(join(folder, "nvidia-smi"), script, { mode: 0o755 });
  return {
    settings: { PATH: [folder, process.env["PATH"]].join(delimiter) },
    hold: (pid, mebibytes) => writeFile(held, `${pid}, ${mebibytes}\n`),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
