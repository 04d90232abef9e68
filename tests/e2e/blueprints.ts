/** Small custom blueprints that behave as badly as real ones do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A bash blueprint with a header; `lines` begin on line 2, right behind the shebang. */
function script(title: string, lines: string): string {
  return `#!/bin/bash
${lines}
### AIKORE-METADATA-START ###
# aikore.name = ${title}
# aikore.category = Tests
# aikore.description = Made by a test.
### AIKORE-METADATA-END ###
`;
}

const SERVE = `require("http").createServer((q, s) => s.end("here")).listen(process.env.WEBUI_PORT, "127.0.0.1", () => console.log("serving"))`;

/** Its app is a grandchild; the script itself sleeps on whatever becomes of it. */
export const SLEEPS_ON = script("Sleeps on", `echo "in the background"\nnode -e '${SERVE}' &\nsleep infinity`);

const TELL_VARIABLES = `const { GREETING, TOKEN = "", WEBUI_PORT } = process.env;
const token = require("crypto").createHash("sha256").update(TOKEN).digest("hex");
const answer = JSON.stringify({ greeting: GREETING, token });
require("http").createServer((q, s) => s.end(answer)).listen(WEBUI_PORT, "127.0.0.1");`;

/** Says what it was given: of its token, over HTTP the digest, and in its log all of it, at once and in halves. */
export const TELLS_ITS_VARIABLES = script(
  "Tells its variables",
  `echo "at once $TOKEN"
printf 'in halves %s' "\${TOKEN:0:9}"; sleep 0.5; echo "\${TOKEN:9}"
exec node -e '${TELL_VARIABLES}'`,
);

/** Starts programs that lie elsewhere, each told whom it is to say it runs as. */
export function startsAll(programs: readonly string[]): string {
  const starts = programs.map((path) => `echo "as $(${path} -u)"`);
  return script("Starts others", `${starts.join("\n")}\nexec node -e '${SERVE}'`);
}

/** Fails on its third line. */
export const FAILS_ON_LINE_3 = script("Fails", `echo "about to fail"\nls /this/is/not/there || exit 7`);

/** As existing scripts are: a junk first line, a header, no set -e, a shared folder, an app by eval, and a sleep at the end. */
function inOldFormat(title: string, app: string): string {
  return `--- ${title}.sh ---
#!/bin/bash

### AIKORE-METADATA-START ###
# aikore.name = ${title}
# aikore.category = Tests
# aikore.description = Made by a test.
# aikore.venv_type = python
# aikore.venv_path = ./env
### AIKORE-METADATA-END ###

source /opt/sd-install/functions.sh
source /opt/sd-install/versions.env

export PATH="/home/abc/miniconda3/bin:$PATH"
cd \${INSTANCE_CONF_DIR}
mkdir -p app/models
echo weights > "app/models/my model.bin"
clean_env \${INSTANCE_CONF_DIR}/env
sl_folder \${INSTANCE_CONF_DIR}/app models /config/models "old format"
CMD="${app}"
eval $CMD
sleep infinity
`;
}

/** Serves what is in the model folder, below a script that sleeps on. */
export const OLD_FORMAT = inOldFormat(
  "Old format",
  "python3 -m http.server --bind 127.0.0.1 --directory app/models/ $WEBUI_PORT",
);

/** Its app ends before it opens a port. */
export const OLD_FORMAT_BROKEN = inOldFormat("Old format, broken", "python3 -c 'import a_module_that_is_missing'");

/** No metadata at all. */
export const WITHOUT_HEADER = `#!/bin/bash\necho hello\n`;

const TELL = `require("http").createServer((q, s) => s.end(JSON.stringify({ outputs: process.env.INSTANCE_OUTPUT_DIR, installation: process.env.INSTANCE_CONF_DIR }))).listen(process.env.WEBUI_PORT, "127.0.0.1")`;

/** Installs in the folder that a family shares, notes whether it was alone there, and tells what it was given. */
export const INSTALLS_ALONE = script(
  "Installs alone",
  `cd "$INSTANCE_CONF_DIR"
if mkdir installing; then echo alone >> installs.log; else echo together >> installs.log; fi
sleep 0.7
rmdir installing
exec node -e '${TELL}'`,
);

/** Remembers what reached it: fixtures/recorder.mjs. */
export const RECORDER = program("Recorder", join(import.meta.dirname, "fixtures/recorder.mjs"));

/** Carries all that reaches it to a port of this machine: fixtures/relay.mjs. */
export function relayTo(port: number): string {
  return program("Relay", join(import.meta.dirname, "fixtures/relay.mjs"), { TARGET_PORT: String(port) });
}

/** A blueprint that runs a program of one file, with a few variables of its own. */
export function program(title: string, file: string, variables: Record<string, string> = {}): string {
  const lines = [
    ...Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`),
    "cat > \"$INSTANCE_CONF_DIR/program.mjs\" <<'END_OF_PROGRAM'",
    `${readFileSync(file, "utf8")}END_OF_PROGRAM`,
    'exec node "$INSTANCE_CONF_DIR/program.mjs"',
  ];
  return script(title, lines.join("\n"));
}
