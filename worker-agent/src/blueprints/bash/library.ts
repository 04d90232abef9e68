/** The shell library that bash blueprints load: functions.sh and versions.env, written next to the launch scripts. */

/**
 * Five helpers under the names existing scripts call them by, and one more, make_env. They work under `set -e`, `set -u` and `pipefail`, return
 * non-zero when they could not do their work, and never delete what a link points to.
 */
export const FUNCTIONS_SH = String.raw`# Helpers for bash blueprints. Loaded with: source /opt/sd-install/functions.sh

_rh_note() { printf '[roundhouse] %s\n' "$*"; }
_rh_warn() { printf '[roundhouse] warning: %s\n' "$*" >&2; }

# A path without its trailing slashes: "dir/" names what a link points to, "dir" the link.
_rh_strip() {
  local path="$1"
  while [ "\${#path}" -gt 1 ] && [ "\${path%/}" != "$path" ]; do path="\${path%/}"; done
  printf '%s' "$path"
}

# sl_folder <link parent> <link name> <store parent> [<store name>]
# Keeps a folder of the app in the store: what is in it moves there, and a link takes its place. A file that differs from
# the store's of that name takes the name, as with rsync -a; the store's is kept beside it as "name.~1~".
sl_folder() {
  local link_parent link_name store link store_real link_real
  link_parent="$(_rh_strip "\${1:-}")"
  link_name="$(_rh_strip "\${2:-}")"
  store="$(_rh_strip "\${3:-}\${4:+/\${4:-}}")"
  if [ -z "$link_parent" ] || [ -z "$link_name" ] || [ -z "\${3:-}" ]; then
    _rh_warn "sl_folder needs a link's folder, its name, and a store"
    return 1
  fi
  # A family has one link for all: it leads where each member sees outputs of its own.
  if [ -n "\${INSTANCE_FAMILY_OUTPUT_DIR:-}" ]; then
    case "$store/" in
      "$INSTANCE_OUTPUT_DIR"/*)
        if [ "$INSTANCE_FAMILY_OUTPUT_DIR" = none ]; then
          _rh_warn "this host gives no app a view of its own: $link_name leads to the outputs of whoever of the family started last"
        else
          store="$INSTANCE_FAMILY_OUTPUT_DIR\${store#"$INSTANCE_OUTPUT_DIR"}"
        fi
        ;;
    esac
  fi
  link="$link_parent/$link_name"
  mkdir -p -- "$link_parent" "$store" || return 1
  store="$(cd -- "$store" && pwd)" || return 1
  if [ ! -L "$link" ] && [ -d "$link" ]; then
    store_real="$(cd -- "$store" && pwd -P)" || return 1
    link_real="$(cd -- "$link" && pwd -P)" || return 1
    case "$store_real/" in
      "$link_real/"*)
        _rh_warn "sl_folder: $store is the folder $link itself or inside it; left as it is"
        return 1
        ;;
    esac
    _rh_merge_into "$link" "$store" || {
      _rh_warn "sl_folder: could not copy $link to $store; left as it is"
      return 1
    }
  elif [ ! -L "$link" ] && [ -e "$link" ]; then
    _rh_move_aside "$link" || return 1
  fi
  rm -rf -- "$link" || return 1
  ln -sfn -- "$store" "$link"
}

# Under the first free name "path.~n~".
_rh_move_aside() {
  local number=1
  while [ -e "$1.~$number~" ] || [ -L "$1.~$number~" ]; do number=$((number + 1)); done
  mv -T -- "$1" "$1.~$number~" || return 1
  _rh_warn "kept as another is to take its name: $1.~$number~"
}

# Everything in the first folder into the second, and what differs there set aside. Apps that share a store take turns.
_rh_merge_into() (
  if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
    _rh_note "waiting for another app that moves its files to $2"
    flock 9 || exit 1
  fi
  (cd -- "$1" && find . -mindepth 1 -print0) | while IFS= read -r -d '' name; do
    name="\${name#./}"
    _rh_is_free "$1/$name" "$2/$name" || _rh_move_aside "$2/$name" || exit 1
  done || exit 1
  _rh_copy_into "$1" "$2"
) 9<"$2"

# Whether the first can be put where the second is without anything being lost.
_rh_is_free() {
  if [ ! -e "$2" ] && [ ! -L "$2" ]; then return 0; fi
  if [ -L "$1" ] || [ -L "$2" ]; then
    [ -L "$1" ] && [ -L "$2" ] && [ "$(readlink -- "$1")" = "$(readlink -- "$2")" ]
  elif [ -d "$1" ]; then
    [ -d "$2" ]
  else
    [ -f "$2" ] && cmp -s -- "$1" "$2"
  fi
}

# Everything in one folder, hidden files too, into another.
_rh_copy_into() {
  if command -v rsync >/dev/null 2>&1; then
    rsync -a -- "$1/" "$2/"
  else
    cp -a -- "$1/." "$2/"
  fi
}

# clean_env <environment folder>
# Removes the environment when ".rebuild-env" lies beside it, and that file with it.
clean_env() {
  local env_dir trigger
  env_dir="$(_rh_strip "\${1:-}")"
  [ -n "$env_dir" ] || { _rh_warn "clean_env needs a folder"; return 1; }
  trigger="$(dirname -- "$env_dir")/.rebuild-env"
  if [ -e "$trigger" ]; then
    _rh_note "rebuilding $env_dir"
    rm -rf -- "$env_dir" || return 1
    rm -f -- "$trigger" || return 1
  fi
}

# sync_repo <name of the variable that holds a branch, tag or commit>
# Brings the repository in the current folder to that ref, or to the remote's default branch. Files that git does not
# track stay. Without a network it goes on with what is here.
sync_repo() {
  local ref_name="\${1:-}" ref="" remote target="" branch=""
  if [ -n "$ref_name" ]; then ref="\${!ref_name:-}"; fi
  remote="$(git remote 2>/dev/null | sed -n 1p)" || remote=""
  if [ -z "$remote" ]; then
    _rh_warn "sync_repo: $PWD has no git remote"
    return 1
  fi
  git fetch --prune --tags --force "$remote" || _rh_warn "sync_repo: cannot fetch from $remote; using what is here"
  if [ -n "$ref" ]; then
    target="$(_rh_resolve "$remote" "$ref")" || target=""
    branch="\${ref#"$remote"/}"
    [ -n "$target" ] || _rh_warn "sync_repo: $ref is not known to $remote; using its default branch"
  fi
  if [ -z "$target" ]; then
    branch="$(_rh_default_branch "$remote")" || branch=""
    if [ -n "$branch" ]; then target="$(_rh_commit "refs/remotes/$remote/$branch")" || target=""; fi
  fi
  if [ -z "$target" ]; then
    _rh_warn "sync_repo: $remote has no branch to use"
    return 1
  fi
  # A tag or commit gets a branch of ours: one named like the tag would make its name ambiguous.
  git show-ref --verify --quiet "refs/remotes/$remote/$branch" || branch="roundhouse-sync"
  git checkout --quiet --force -B "$branch" "$target" && git reset --hard "$target"
}

check_remote() { sync_repo "$@"; }

# make_env <environment folder> [<python version>]
# A Python environment with pip, unless it is there: with uv, micromamba, conda or python3's venv, whichever this host has.
make_env() { bash "$(dirname -- "\${BASH_SOURCE[0]}")/make-env" "$1" "\${2:-\${PYTHON_VERSION:-}}"; }

_rh_commit() { git rev-parse --verify --quiet "$1^{commit}"; }

# The commit a ref means: as it stands, then as a branch of the remote, then whatever the remote calls so. A branch
# here that the remote has too is only last time's copy, so there the remote's counts.
_rh_resolve() {
  case "$2" in -*) return 1 ;; esac
  if git show-ref --verify --quiet "refs/heads/$2" && _rh_commit "refs/remotes/$1/$2"; then return 0; fi
  _rh_commit "$2" || _rh_commit "refs/remotes/$1/$2" ||
    { git fetch --quiet "$1" "$2" 2>/dev/null && _rh_commit FETCH_HEAD; }
}

# The remote's HEAD, else main or master, else the branch that the current one follows.
_rh_default_branch() {
  local name head
  git remote set-head "$1" --auto >/dev/null 2>&1 || true
  head="$(git symbolic-ref --quiet --short "refs/remotes/$1/HEAD" 2>/dev/null)" || head=""
  for name in "\${head#"$1"/}" main master; do
    if [ -n "$name" ] && _rh_commit "refs/remotes/$1/$name" >/dev/null; then
      printf '%s' "$name"
      return 0
    fi
  done
  head="$(git rev-parse --abbrev-ref --symbolic-full-name '@{upstream}' 2>/dev/null)" || return 1
  printf '%s' "\${head#"$1"/}"
}

# install_requirements <folder>
# pip install -r for the folder's requirements.txt and those of its first-level folders. All are tried.
install_requirements() {
  local dir file failed=0
  dir="$(_rh_strip "\${1:-.}")"
  for file in "$dir/requirements.txt" "$dir"/*/requirements.txt; do
    [ -f "$file" ] || continue
    _rh_note "installing $file"
    pip install -r "$file" || { _rh_warn "could not install $file"; failed=1; }
  done
  return "$failed"
}
`.replaceAll("\\${", "${");

/** Defaults of the Python world. What an instance sets, in its environment or in aikore_vars.env, goes before. */
export const VERSIONS_ENV =
  String.raw`# Default versions for bash blueprints. Loaded with: source /opt/sd-install/versions.env
export TORCH_VERSION="\${TORCH_VERSION:-2.10.0}"
# torchvision 0.25 belongs to torch 2.10, 0.24 to 2.9, and so on; torchaudio counts like torch.
_rh_torch_minor="\${TORCH_VERSION#*.}"
_rh_torch_patch="\${_rh_torch_minor#*.}"
_rh_torch_minor="\${_rh_torch_minor%%.*}"
case "$_rh_torch_minor.$_rh_torch_patch" in
  *[!0-9.]* | .* | *.) _rh_torch_minor=10 _rh_torch_patch=0 ;;
esac
export TORCHVISION_VERSION="\${TORCHVISION_VERSION:-0.$((_rh_torch_minor + 15)).\${_rh_torch_patch}}"
export TORCHAUDIO_VERSION="\${TORCHAUDIO_VERSION:-$TORCH_VERSION}"
export PYTORCH_INDEX_URL="\${PYTORCH_INDEX_URL:-\${PYTORCH_INDEX:-https://download.pytorch.org/whl}/cu130}"
export TORCH_CUDA_ARCH_LIST="\${TORCH_CUDA_ARCH_LIST:-7.5 8.0 8.6 8.7 8.9 9.0 10.0 12.0}"
`.replaceAll("\\${", "${");
