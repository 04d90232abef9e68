#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = Node-RED
# aikore.description = Wire together devices, APIs and services in a visual flow editor.
# aikore.category = Automation
# aikore.venv_type = python
# aikore.venv_path = ./env
### AIKORE-METADATA-END ###
set -euo pipefail

app_dir="$INSTANCE_CONF_DIR/app"
user_dir="$INSTANCE_CONF_DIR/data"
settings="$user_dir/settings.js"

command -v npm >/dev/null || { echo "npm is missing: install Node.js together with npm on this host."; exit 1; }

# Node-RED 5 needs Node 22.9; the line before it runs on 18 and newer.
version="5.0.7"
node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 22 || (major == 22 && minor >= 9) ? 0 : 1)' ||
  version="4.1.15"
version="${NODE_RED_VERSION:-$version}"

installed_version() {
  node -p 'require(process.argv[1]).version' "$app_dir/node_modules/node-red/package.json" 2>/dev/null || true
}

mkdir -p "$app_dir" "$user_dir"

# The marker is made last, so that an install that was cut off half-way is done again.
if [ "$(installed_version)" != "$version" ] || [ ! -f "$app_dir/.installed" ]; then
  echo "Installing Node-RED $version with npm $(npm --version) and Node $(node --version)"
  rm -f "$app_dir/.installed"
  [ -f "$app_dir/package.json" ] || echo '{ "name": "node-red-app", "private": true }' > "$app_dir/package.json"
  npm install --prefix "$app_dir" --save-exact --omit=dev --no-fund --no-audit --no-update-notifier --no-progress \
    --loglevel=http "node-red@$version"
  touch "$app_dir/.installed"
  echo "Node-RED $version is installed"
fi

if [ ! -f "$settings" ]; then
  echo "Writing $settings"
  umask 077
  node > "$settings.draft" <<'END_OF_GENERATOR'
const secret = require("node:crypto").randomBytes(32).toString("hex");
process.stdout.write(`// Made once at the first start, with a credential secret of its own. Yours to edit.
module.exports = {
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.WEBUI_PORT),
  flowFile: "flows.json",
  flowFilePretty: true,
  // Encrypts the credentials in your flows. Without it they cannot be read again.
  credentialSecret: "${secret}",
  diagnostics: { enabled: true, ui: true },
  runtimeState: { enabled: false, ui: false },
  telemetry: { enabled: false, updateNotification: false },
  externalModules: {},
  logging: { console: { level: "info", metrics: false, audit: false } },
  editorTheme: {
    tours: false,
    palette: {},
    projects: { enabled: false },
    codeEditor: { lib: "monaco" },
  },
};
`);
END_OF_GENERATOR
  mv "$settings.draft" "$settings"
  umask 022
fi

args=()
if [ -f "$INSTANCE_CONF_DIR/launch_args.txt" ]; then
  # One shell word each, quotes respected; lines that begin with # are notes.
  mapfile -t args < <(grep -v '^[[:space:]]*#' "$INSTANCE_CONF_DIR/launch_args.txt" | xargs -r printf '%s\n')
fi

exec node "$app_dir/node_modules/node-red/red.js" --userDir "$user_dir" --settings "$settings" --port "$WEBUI_PORT" \
  ${args[@]+"${args[@]}"}
