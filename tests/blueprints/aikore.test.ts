/**
 * The index of what AiKore does and Roundhouse does too, and (`not:`) of what goes wrong in AiKore and not here: each with the
 * test that shows it. Scripts, satellites and the table come from AiKore. A row fails when its test is renamed or removed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** What it is, and below it the file and a piece of the title of a test. */
const INDEX = `
# Blueprints
a header behind a junk first line, or before the shebang
  protocol/words: is found before the shebang and behind a junk first line
all of AiKore's scripts in their layouts, also from Windows
  protocol/aikore-headers: %s is read, and refused for nothing
a script without a category, or of 0 bytes, in the list
  workers/api/blueprints: lists what has no category without one, and refuses an empty script with the reason
a script is never executed by its shebang
  worker-agent/blueprints/bash-runtime: past a junk first line
every variable of a launch
  worker-agent/blueprints/bash-runtime: starts in the instance's folder with every variable
no chosen GPU hides none
  worker-agent/blueprints/bash-runtime: hides no GPU and sets no version when none is chosen
aikore_vars.env is written at each start
  worker-agent/blueprints/bash-runtime: rewrites aikore_vars.env each time
paths that exist on AiKore's image only
  worker-agent/blueprints/rewrite: are replaced: %s
sl_folder with four arguments
  worker-agent/blueprints/library: moves what is there into the store and puts a link in its place
sl_folder with three, or an empty fourth
  worker-agent/blueprints/library: takes three arguments, or an empty fourth
sl_folder deletes nothing through a link
  worker-agent/blueprints/library: replaces a link without touching what it points to
clean_env consumes its trigger
  worker-agent/blueprints/library: removes the environment once when it was asked for
sync_repo keeps untracked files
  worker-agent/blueprints/library: goes to the remote's newest default branch and keeps untracked files
sync_repo falls back from an unknown ref
  worker-agent/blueprints/library: warns about an unknown ref and takes the default branch
install_requirements
  worker-agent/blueprints/library: installs the folder's own and its folders', and says when one failed
versions.env
  worker-agent/blueprints/library: has defaults that belong together
conda where the host has none
  worker-agent/environments/conda: runs a recipe's lines as they stand
launch_args.txt
  e2e/aikore: launch_args.txt is added to the command
a whole script in AiKore's format
  e2e/aikore: the script runs unchanged, in an environment of its own
a custom blueprint's name is checked and taken once
  workers/api/blueprints: refuses a name that a shipped or custom blueprint has
# The state machine
a slow start stalls after 180 s and starts when it answers
  worker-agent/instances/watching: stalls after 180 s without an answer, whatever it says, and is started by a late one
not: a crash after the start goes unseen
  e2e/kills: a killed app is reported with its signal and last lines, and starts again
not: an early death leaves "starting"
  e2e/failures: an app that ends before it answers is an error as well
not: a script that sleeps on counts as its app
  e2e/aikore: the death of its app is noticed though the script sleeps on
not: no exit code
  worker-agent/instances/instances: reports an app that fails with its exit code and last lines
not: a crash after the start has no exit code
  e2e/aikore-defects: an app that ends after it was started is an error with its exit code, and can be started
a start by itself that fails is an error with the reason
  worker-agent/instances/adoption: says why one that starts by itself could not, and starts the others
not: no restart policy
  worker-agent/instances/restarting: is tried ten times, then given up with how often and since when
not: an agent's restart forgets what runs
  e2e/kills: a killed agent leaves the app running, and the next one finds it
not: "installing" without a watchdog
  worker-agent/instances/watching: warns after 180 s of silence, ends nothing, and takes it back with the next word
not: a copy that was cut short stays "installing"
  worker-agent/instances/copies: that was cut short is made anew, and nothing half-made remains
not: a start, or a boot, takes the log away
  e2e/aikore-defects: a start adds to the log and takes nothing away: an offset leads on, over launches and over agents
not: an offset that loses characters
  worker-agent/services/router: say where a log goes on, and cut no character in two, whatever bytes an app prints
not: a boot stops all and forgets who ran
  e2e/restart: an instance with autostart runs again, any other is stopped
a stop ends the whole tree, by force after 10 s
  worker-agent/keeper/keeper: kills what ignores SIGTERM, and whatever left its group, after the grace
a stop ends what sleeps on, too
  e2e/aikore-defects: an app below a script that sleeps on is a running one: it is stopped with all it started
a start may be asked for twice
  workers/api/instances: changes nothing when it is started twice
# Changes, copies and the trash
fields that need a launch, and fields that do not
  workers/api/changes: %j leads to launch %i of a running one
another blueprint rewrites the script
  worker-agent/blueprints/bash-runtime: replaces a script of another blueprint, and keeps what a person made of the old one
not: a rename breaks the environment
  e2e/aikore: renamed it has another URL, the old one leads there, and neither environment nor outputs move
not: a name that leads out of its folder
  workers/api/instances: refuses what cannot be, each with its code and hint, and leaves nothing behind
not: outputs that end in another's folder after a rename
  workers/api/changes: never brings another's outputs into its own
a name and an output path in one save
  workers/api/changes: takes the folder for outputs that comes with it
a rename that is refused changes nothing
  workers/api/changes: that is refused changes nothing of what came with it
a copy's environment is its own
  e2e/aikore: a copy has an environment of its own that works when the original is gone
a copy's script speaks of its own folder
  worker-agent/instances/copies: has the script as a person left it, which speaks of its own folder and of what is shared
a copy keeps links as links
  worker-agent/instances/copies: keeps links as links, and those into the shared models lead there
a rebuild
  e2e/aikore: a rebuild makes the environment anew
the version report and its conflicts
  worker-agent/environments/version-report: says that all fits together, without PyTorch too
the trash gives back what was put there
  e2e/aikore: put into the trash it comes back as it was
not: the trash holds one of a name
  e2e/aikore-defects: the trash holds two of one name, and a deleted one's name and port are free at once
read-only files and folders are deleted, too
  worker-agent/instances/removal: takes read-only files and folders with it
nothing is deleted through a link
  worker-agent/instances/instances: removes links into the shared folders as links (%s)
an edited script is restarted with, and becomes a blueprint
  e2e/files: an edited launch script is restarted with, and becomes a blueprint when it is a valid one
# Ports
the lowest free port, taken from nobody
  worker-agent/host/ports: is the lowest that is neither taken nor in use
a port heals at the next start
  e2e/aikore-defects: a port that a stranger took meanwhile is replaced at the next start
other ports never come from the pool
  worker-agent/host/ports: of the kernel's choice never lies in the pool
twenty run, and one more is told why not
  e2e/ports: twenty apps run on a pool of twenty, and one more gets a clear error
a port outside the pool, or of another instance
  workers/api/instances: refuses what cannot be, each with its code and hint, and leaves nothing behind
not: two pools by default
  workers/api/ports: is given by whoever joins, and is the usual one otherwise
not: two apps with one fixed port collide unexplained
  e2e/ports: a second one that wants the same number dies of it, and is told whose it is
# Families
a family of three on one installation
  e2e/aikore: a family of three runs from one installation, all at once
not: members install at once in one environment
  e2e/families: all three are started at once, install one after the other
not: the last one started owns the outputs
  e2e/aikore: each with a port, a log and outputs of its own
a satellite's folder is made by its first start
  e2e/aikore-defects: a satellite's folder is made by its first start, and holds no installation
a satellite's script is not written, and no family is taken apart
  e2e/aikore-defects: a family's script is its parent's
a satellite has no satellite
  workers/api/satellites: has no satellite, and says whose to make instead
blueprint and output path are its parent's
  workers/api/satellites: keeps what is its parent's, and changes what is its own
a parent with satellites is not deleted
  e2e/families: a parent with satellites is not deleted, and the dialog names them
a satellite that goes leaves the installation
  worker-agent/instances/instances: leaves the parent's folder when a satellite goes
# Reaching an instance
not: no sign-in of any kind
  workers/api/access: is admitted exactly to those its x-access names
a body of more than 10 MB
  e2e/bad-input: who sends a JSON body of 20 MB without looking is refused or cut off, and others are served
not: a prefix that breaks absolute paths
  e2e/ports: each port has an origin of its own
not: forwarded headers that lie
  e2e/guarded-apps: an app that builds addresses from X-Forwarded-Host, as Gradio does, builds public ones
an app's WebSocket echoes
  e2e/first-start: Open leads to the app's own page in a new tab, and its WebSocket echoes
not: two rules for one slug (My.App__2)
  e2e/aikore-defects: a name has one slug, at its URL, in its folder, and behind the Open of the dashboard
a slug is a label of a host's name
  protocol/words: any name becomes one DNS label without a double dash
not: apps open to everybody at their port
  e2e/walls: nothing listens but the control plane and the apps, all on loopback
an answer after more than 100 s
  e2e/aikore-defects: an app may take more than 100 s to answer
a terminal's size
  worker-agent/terminals/terminals: has the size of who typed last, and tells everybody
a terminal's whole tree ends with it
  worker-agent/terminals/terminals: ends with all it started, also what ignores SIGHUP and what left its session
JSON that is no message reaches the shell
  worker-agent/terminals/terminals: takes input as text, as binary and as JSON, and JSON that is no message of ours as text
a terminal with AiKore's messages
  e2e/aikore-defects: a terminal takes AiKore's messages: plain text, a resize, and JSON that is neither
whatever is typed is typed whole
  worker-agent/terminals/words: is typed whole, whatever it is, unless it names a message of ours
a terminal without a pty says what to install
  worker-agent/terminals/terminals: say what to install where the host can open none
# The table
the freest GPU first
  dashboard/freest-gpu: is the one with the most free memory, which need not be the largest
one save, with old and new and what it restarts
  e2e/instances-table: cells are edited by keyboard, saved together after old and new were shown
a new row at the bottom
  e2e/instances-table: a new row at the bottom becomes an instance
families move whole
  e2e/instances-table: families are moved by keyboard, and stay there after a reload
panes that remember
  e2e/panes: two places, their tabs, their widths and their zoom are there again after a reload
the app in a frame
  e2e/panes: the app works in its own tab, and goes on while others are shown
a script saved as a blueprint
  e2e/panes: a script becomes a custom blueprint, is refused at the line that is wrong
processor, memory and GPUs
  e2e/panes: the node is shown live, and its last hour in charts that are also words and a table
`;

type Row = [what: string, file: string, title: string];

function readIndex(text: string): Row[] {
  const rows = text.matchAll(/^(?!#)(\S.*)\n {2}(\S+): (.+)$/gm);
  return [...rows].map(([, what = "", file = "", title = ""]) => [what, file, title]);
}

it.each(readIndex(INDEX))("%s", (_what, file, title) => {
  const source = readFileSync(join(import.meta.dirname, "..", `${file}.test.ts`), "utf8");
  expect(source.includes(title), `${file} has a test "${title}"`).toBe(true);
});

it("every row of the index is read", () => {
  const isRow = (line: string) => line !== "" && !line.startsWith("#");
  expect(readIndex(INDEX)).toHaveLength(INDEX.split("\n").filter(isRow).length / 2);
});
