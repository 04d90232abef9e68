#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = ComfyUI
# aikore.description = Node-based image and video generation with diffusion models.
# aikore.category = Image Generation
# aikore.venv_type = python
# aikore.venv_path = ./env
# aikore.needs_disk = 10GiB
### AIKORE-METADATA-END ###
set -euo pipefail

source /opt/sd-install/functions.sh
source /opt/sd-install/versions.env
if [ -f "$INSTANCE_CONF_DIR/aikore_vars.env" ]; then source "$INSTANCE_CONF_DIR/aikore_vars.env"; fi

repository="https://github.com/comfyanonymous/ComfyUI.git"
manager_repository="https://github.com/Comfy-Org/ComfyUI-Manager.git"
app="$INSTANCE_CONF_DIR/ComfyUI"
env="$INSTANCE_CONF_DIR/env"
# First level folders of ComfyUI/models that every app of this node shares.
shared_models="checkpoints clip clip_vision controlnet diffusion_models embeddings hypernetworks loras style_models
  text_encoders unet upscale_models vae vae_approx"

# ---- the program ----
if [ ! -d "$app/.git" ]; then git clone "$repository" "$app"; fi
cd "$app"
sync_repo GIT_REF
manager="$app/custom_nodes/ComfyUI-Manager"
if [ ! -d "$manager/.git" ]; then
  git clone --depth 1 "$manager_repository" "$manager" || echo "ComfyUI-Manager could not be fetched; going on without it"
fi

# ---- which torch ----
device_args=()
if [ -z "${CUDA_VERSION:-}" ]; then
  if nvidia-smi -L >/dev/null 2>&1; then
    :
  elif [ -e /dev/kfd ]; then
    PYTORCH_INDEX_URL="${PYTORCH_INDEX:-https://download.pytorch.org/whl}/rocm7.1"
  else
    echo "No GPU was found: ComfyUI will run on the processor, slowly."
    PYTORCH_INDEX_URL="${PYTORCH_INDEX:-https://download.pytorch.org/whl}/cpu"
    device_args=(--cpu)
  fi
fi

# ---- the environment ----
clean_env "$env"
is_fresh=""
[ -x "$env/bin/pip" ] || is_fresh=1
make_env "$env"
export PATH="$env/bin:$PATH" VIRTUAL_ENV="$env"
unset PYTHONHOME

# Everything that decides what is installed. Unchanged means nothing to do, so a later start needs no network.
own_requirements="$INSTANCE_CONF_DIR/requirements.txt"
wheels="$INSTANCE_CONF_DIR/wheels"
wanted="$({
  echo "$TORCH_VERSION $PYTORCH_INDEX_URL"
  cat "$app/requirements.txt" "$own_requirements" 2>/dev/null || true
  ls "$wheels" 2>/dev/null || true
} | sha256sum)"
if [ "$(cat "$env/.installed" 2>/dev/null || true)" != "$wanted" ]; then
  echo "Installing torch $TORCH_VERSION from $PYTORCH_INDEX_URL"
  pip install "torch==$TORCH_VERSION" "torchvision==$TORCHVISION_VERSION" "torchaudio==$TORCHAUDIO_VERSION" \
    --index-url "$PYTORCH_INDEX_URL"
  if compgen -G "$wheels/*.whl" >/dev/null; then pip install "$wheels"/*.whl; fi
  # Without torch itself, which pip would take from another index; torchsde and the like stay.
  filtered="$(mktemp)"
  grep -v -i -E '^(torch|torchvision|torchaudio)[[:space:]]*([<>=!~;[].*)?$' "$app/requirements.txt" > "$filtered" || true
  pip install -r "$filtered"
  rm -f "$filtered"
  if [ -f "$own_requirements" ]; then pip install -r "$own_requirements"; fi
  if [ -n "$is_fresh" ]; then install_requirements "$app/custom_nodes" || echo "Some custom nodes lack their requirements"; fi
  echo "$wanted" > "$env/.installed"
fi

# ---- shared folders ----
for name in $shared_models; do sl_folder "$app/models" "$name" /config/models "$name"; done
sl_folder "$app" input "$INSTANCE_CONF_DIR" input
sl_folder "$app" output "$INSTANCE_OUTPUT_DIR"

# ---- start ----
args=()
if [ -f "$INSTANCE_CONF_DIR/launch_args.txt" ]; then
  # One shell word each, quotes respected; lines that begin with # are notes.
  mapfile -t args < <(grep -v '^[[:space:]]*#' "$INSTANCE_CONF_DIR/launch_args.txt" | xargs -r printf '%s\n')
fi
export PYTORCH_CUDA_ALLOC_CONF="${PYTORCH_CUDA_ALLOC_CONF:-expandable_segments:False}"

# The folder is named too: a satellite shares the link above with its parent, but has outputs of its own.
exec "$env/bin/python" main.py --listen 127.0.0.1 --port "$WEBUI_PORT" --output-directory "$INSTANCE_OUTPUT_DIR" \
  ${device_args[@]+"${device_args[@]}"} ${args[@]+"${args[@]}"}
