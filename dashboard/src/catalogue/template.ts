/** What a new blueprint begins with. */
export const NEW_BLUEPRINT = `#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = My app
# aikore.category = Tools
# aikore.description = What it does, in one line
# aikore.venv_type = python
# aikore.venv_path = ./env
### AIKORE-METADATA-END ###
set -e
cd "$INSTANCE_CONF_DIR"

# Install what is missing, then serve on $WEBUI_PORT of the loopback interface.
exec python3 -m http.server "$WEBUI_PORT" --bind 127.0.0.1
`;
