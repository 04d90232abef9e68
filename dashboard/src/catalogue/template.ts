/** What a new blueprint begins with. */
import type { WrittenKind } from "./written-kinds.ts";

const SCRIPT = `#!/bin/bash
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

const CONTAINER = `# What is not named here, the container is not given.
title: My app
category: Tools
description: What it does, in one line

image: python:3.13-slim
# In place of the image's own.
command: [python, -m, http.server, "8080", --directory, /data]
# Where it listens in the container: the URL leads there.
port: 8080
mounts:
  # A folder of the instance. What is written outside of mounts is gone when it ends.
  - { from: ./data, to: /data }
  # The models and outputs of the node:
  # - { from: models, to: /models, readonly: true }
  # - { from: outputs, to: /outputs }
memory: 512MiB

# network: true        # reach other machines, and the internet
# gpus: true           # the GPUs chosen for the instance
# writable: true       # change its own files beside /tmp and /run
# env: { NAME: value } # variables, beside those of the instance
`;

export const NEW_BLUEPRINT: Readonly<Record<WrittenKind, string>> = { bash: SCRIPT, container: CONTAINER };
