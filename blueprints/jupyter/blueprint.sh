#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = Jupyter
# aikore.description = Notebooks, kernels and terminals on a node, in the browser.
# aikore.category = Notebooks
# aikore.venv_type = python
# aikore.venv_path = ./env
### AIKORE-METADATA-END ###
set -euo pipefail

source /opt/sd-install/functions.sh

env="$INSTANCE_CONF_DIR/env"
notebooks="$INSTANCE_CONF_DIR/notebooks"
own_requirements="$INSTANCE_CONF_DIR/requirements.txt"
mkdir -p "$notebooks"

# The host's Jupyter knows the host's packages. JUPYTER=own, a version or packages ask for an environment of this instance's own.
works() { jupyter "$1" --version >/dev/null 2>&1; }
wants_own() { [ "${JUPYTER:-host}" = own ] || [ -n "${JUPYTER_VERSION:-}" ] || [ -f "$own_requirements" ]; }

# ---- the environment ----
clean_env "$env"
if ! wants_own && { works lab || works notebook; }; then
  echo "Using the Jupyter of this host: $(command -v jupyter)"
else
  # Everything that decides what is installed. Unchanged means nothing to do, so a later start needs no network.
  wanted="jupyterlab ${JUPYTER_VERSION:-} $({ cat "$own_requirements" 2>/dev/null || true; } | sha256sum)"
  if [ "$(cat "$env/.installed" 2>/dev/null || true)" != "$wanted" ]; then
    make_env "$env"
    echo "Installing JupyterLab ${JUPYTER_VERSION:-}"
    "$env/bin/pip" install --disable-pip-version-check "jupyterlab${JUPYTER_VERSION:+==$JUPYTER_VERSION}" ipykernel
    if [ -f "$own_requirements" ]; then "$env/bin/pip" install --disable-pip-version-check -r "$own_requirements"; fi
    echo "$wanted" > "$env/.installed"
  fi
  export PATH="$env/bin:$PATH" VIRTUAL_ENV="$env"
fi

# ---- which server ----
# Up to version 6 the notebook is a server of its own, and its settings have other names.
if works lab; then
  command=lab; app=ServerApp; folder=root_dir
elif [ "$(jupyter notebook --version | cut -d. -f1)" -ge 7 ]; then
  command=notebook; app=ServerApp; folder=root_dir
else
  command=notebook; app=NotebookApp; folder=notebook_dir
fi

args=()
if [ "$(id -u)" = 0 ]; then args+=(--allow-root); fi
if [ -f "$INSTANCE_CONF_DIR/launch_args.txt" ]; then
  # One shell word each, quotes respected; lines that begin with # are notes.
  mapfile -t -O "${#args[@]}" args < <(grep -v '^[[:space:]]*#' "$INSTANCE_CONF_DIR/launch_args.txt" | xargs -r printf '%s\n')
fi

# No token: the app's URL lets in only those who may use the instance. As with every app here, whoever has an account on
# this machine reaches the loopback port. Jupyter's own checks of Host, Origin and XSRF stay on: they keep out the web
# pages that a browser on this machine may show.
cd "$notebooks"
exec jupyter "$command" --no-browser --ip=127.0.0.1 --port="$WEBUI_PORT" "--$app.port_retries=0" "--$app.token=" \
  "--$app.password=" "--$app.$folder=$notebooks" ${args[@]+"${args[@]}"}
