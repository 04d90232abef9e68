/** The headers of AiKore's own scripts, each with its layout: the catalogue must show them all, whatever stands around the block. */
import { describe, expect, it } from "vitest";
import { parseBashMetadata } from "@roundhouse/protocol/blueprint";
import { checkBlueprint } from "@roundhouse/protocol/blueprint-check";

const START = "### AIKORE-METADATA-START ###";
const END = "### AIKORE-METADATA-END ###";
const BODY = "source /opt/sd-install/functions.sh\nset -e\neval $CMD\nsleep infinity\n";

type Layout = (file: string, block: string) => string;

const SHEBANG_FIRST: Layout = (_file, block) => `#!/bin/bash\n\n${block}\n${BODY}`;
const JUNK_FIRST: Layout = (file, block) => `--- ${file}.sh ---\n#!/bin/bash\n\n${block}\n${BODY}`;
const BLOCK_FIRST: Layout = (_file, block) => `${block}\n#!/bin/bash\n${BODY}`;

const SCRIPTS: [file: string, category: string, layout: Layout][] = [
  ["ComfyUI", "Image Generation", BLOCK_FIRST],
  ["EasyDiffusion", "Image Generation", SHEBANG_FIRST],
  ["JustRayzist", "Image Generation", BLOCK_FIRST],
  ["IOPaint", "Image Editing", JUNK_FIRST],
  ["AIToolkit", "Training", JUNK_FIRST],
  ["FluxGym", "Training", JUNK_FIRST],
  ["Wan2GP", "Video Generation", JUNK_FIRST],
  ["AceStepDAW", "Audio Generation", SHEBANG_FIRST],
  ["Voicebox", "Audio / TTS", SHEBANG_FIRST],
  ["UltimateTTS", "Audio / TTS", SHEBANG_FIRST],
  ["PersonaLive", "Digital Avatar", JUNK_FIRST],
  ["TernaryBonsaiLLM", "Chat / LLM", SHEBANG_FIRST],
  ["LMStudio", "Chat / LLM", JUNK_FIRST],
];

function blockOf(name: string, category: string): string {
  const entries = {
    name,
    description: `${name}: a web UI = many knobs`,
    category,
    venv_type: "conda",
    venv_path: "./env",
  };
  return [START, ...Object.entries(entries).map(([key, value]) => `# aikore.${key} = ${value}`), END].join("\n");
}

describe.each([
  ["as they are", (source: string) => source],
  ["with Windows' line ends and a byte order mark", (source: string) => `\uFEFF${source.replaceAll("\n", "\r\n")}`],
])("AiKore's scripts %s", (_how, written) => {
  it.each(SCRIPTS)("%s is read, and refused for nothing", (file, category, layout) => {
    const source = written(layout(file, blockOf(file, category)));
    expect(parseBashMetadata(source)).toMatchObject({
      ...{ name: file, description: `${file}: a web UI = many knobs`, category },
      ...{ venvType: "conda", venvPath: "./env", problems: [] },
    });
    expect(checkBlueprint("bash", source).filter(({ severity }) => severity === "error")).toEqual([]);
  });
});

describe("a marker", () => {
  it("counts wherever it stands in a line, and keys have the blanks and equals signs of their writer", () => {
    const block = [`#   ${START} (do not touch)`, "#aikore.name=Tight", "\t# aikore.category\t=\tA = B ", `## ${END}`];
    expect(parseBashMetadata(`${block.join("\n")}\n`)).toMatchObject({ name: "Tight", category: "A = B" });
  });

  it("is missing in scripts of the old kind and in an empty one, which have no metadata and throw nothing", () => {
    for (const source of ["", "\n", "#!/bin/bash\nexport SD02_DIR=$BASE_DIR/02-sd-webui\nsleep infinity\n"]) {
      expect(parseBashMetadata(source)).toBeUndefined();
    }
  });
});
