/** A bash program that makes a Python environment with whatever this host has, and says what that is. */
import { CONDA_PLACES } from "../conda-places.ts";

/**
 * It runs as the app's user, in the app's environment, so what it finds is what an app can use. One environment is made by
 * the first of uv, micromamba, mamba, conda and python's venv that can; a tool that fails (no network) gives way to the next.
 */
export const MAKE_ENV = String.raw`#!/bin/bash
# make-env <folder> [<python version>]  makes a Python environment with pip, unless it is there.
# make-env --found                      says what environments can be made with, and every python: fields between tabs.
set -u

own_dir="$(cd -- "$(dirname -- "$0")" && pwd -P)" || exit 1
# What most wheels are made for. Taken where nobody asks for a version.
usual_version=3.12

note() { printf '[roundhouse] %s\n' "$*" >&2; }

# The first program of that name which is no stand-in of ours.
tool() {
  local found
  while IFS= read -r found; do
    case "$found" in "$own_dir"/*) ;; *) printf '%s\n' "$found"; return 0 ;; esac
  done < <(type -aP "$1")
  return 1
}

conda_tool() {
  local base
  for base in "$own_dir/../miniconda3" CONDA_PLACES; do
    if [ -x "$base/bin/conda" ]; then printf '%s\n' "$base/bin/conda"; return 0; fi
  done
  tool conda
}

# Every python of this host that can be run. pyenv's shims are left out: they start whatever is chosen at the moment.
python_paths() {
  local name dir
  for name in python3 python3.{8..20}; do type -aP "$name"; done | grep -v '/shims/'
  for dir in "\${PYENV_ROOT:-$HOME/.pyenv}" $(printf '%s' "$PATH" | tr ':' '\n' | sed -n 's|/shims/*$||p'); do
    printf '%s\n' "$dir"/versions/3.*/bin/python3
  done
  printf '%s\n' "\${UV_PYTHON_INSTALL_DIR:-\${XDG_DATA_HOME:-$HOME/.local/share}/uv/python}"/*/bin/python3
}

# "<version> <venv or bare> <path>" for each, once; without venv and ensurepip it makes no environment. Those of
# environments are left out.
pythons() {
  local path seen=" "
  while IFS= read -r path; do
    if [ -x "$path" ]; then :; else continue; fi
    case "$seen" in *" $(readlink -f -- "$path") "*) continue ;; esac
    seen+="$(readlink -f -- "$path") "
    "$path" -c '
import sys
if sys.prefix != sys.base_prefix: sys.exit(0)
try:
    import venv, ensurepip
    makes = "venv"
except ImportError:
    makes = "bare"
print("%d.%d.%d" % sys.version_info[:3], makes, sys.argv[1])' "$path" 2>/dev/null </dev/null
  done < <(python_paths)
}

# Whether version $1 is a $2, which may be shorter.
is_version() {
  case "$1" in "$2" | "$2".*) return 0 ;; *) return 1 ;; esac
}

version_in() { "$1/bin/python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null; }

# venv writes pip last.
is_whole() { [ -x "$1/bin/python" ] && [ -x "$1/bin/pip" ]; }

with_uv() {
  local uv
  uv="$(tool uv)" || return 1
  note "making $1 with uv: Python $2"
  # Beside the environment: a copy of the instance has its own then.
  UV_PYTHON_INSTALL_DIR="$(dirname -- "$1")/.python" "$uv" venv --seed --python "$2" "$1"
}

with_mamba() {
  local mamba
  mamba="$(tool micromamba || tool mamba)" || return 1
  note "making $1 with $mamba: Python $2"
  "$mamba" create -y -p "$1" -c conda-forge "python=$2" pip
}

with_conda() {
  local conda
  conda="$(conda_tool)" || return 1
  note "making $1 with $conda: Python $2"
  "$conda" create -y -p "$1" "python=$2" pip
}

with_venv() {
  local version makes path
  while read -r version makes path; do
    if [ "$makes" != venv ] || ! is_version "$version" "$2"; then continue; fi
    note "making $1 with venv: Python $version, $path"
    "$path" -m venv "$1" && return 0
    rm -rf -- "$1"
  done < <(pythons)
  return 1
}

make_with_any() {
  local way
  for way in with_uv with_mamba with_conda with_venv; do
    if "$way" "$1" "$2" && is_whole "$1"; then return 0; fi
    rm -rf -- "$1"
  done
  return 1
}

explain() {
  local found
  found="$(pythons | while read -r version makes path; do
    printf ', %s (%s%s)' "$version" "$path" "$([ "$makes" = venv ] || printf ', without venv')"
  done)"
  note "error: no environment with Python $1 could be made."
  note "This host has \${found:+these: \${found#, }}\${found:-no python3}. It has $(tool uv || tool micromamba || tool mamba || conda_tool || echo 'neither uv nor conda')."
  note "Install uv, which fetches any Python, and start again: curl -LsSf https://astral.sh/uv/install.sh | env UV_INSTALL_DIR=/usr/local/bin sh"
  case "$found" in *"without venv"*) note "Debian and Ubuntu: apt-get install python3-venv makes its own python3 do." ;; esac
}

make() {
  local dir="$1" wanted="$2" has
  if is_whole "$dir"; then
    has="$(version_in "$dir")"
    [ -z "$wanted" ] || is_version "$has" "$wanted" ||
      note "warning: $dir has Python $has, not $wanted: rebuild the environment to change that"
    return 0
  fi
  if [ -e "$dir" ] && [ ! -e "$dir/pyvenv.cfg" ] && [ ! -e "$dir/conda-meta" ] && [ -n "$(ls -A -- "$dir")" ]; then
    note "error: $dir is in the way: it is no environment."
    return 1
  fi
  rm -rf -- "$dir"
  make_with_any "$dir" "\${wanted:-$usual_version}" && return 0
  if [ -z "$wanted" ] && with_venv "$dir" 3; then return 0; fi
  explain "\${wanted:-3}"
  return 1
}

found() {
  local name path
  for name in uv micromamba mamba conda; do
    if [ "$name" = conda ]; then path="$(conda_tool)"; else path="$(tool "$name")"; fi || continue
    printf '%s\t%s\t%s\n' "$name" "$path" "$("$path" --version 2>/dev/null </dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)"
  done
  pythons | while read -r name makes path; do printf 'python\t%s\t%s\t%s\n' "$path" "$name" "$makes"; done
}

case "\${1:-}" in
  --found) found ;;
  "" | -*) note "make-env needs a folder"; exit 2 ;;
  *) make "$1" "\${2:-}" ;;
esac
`
  .replaceAll("\\${", "${")
  .replaceAll("CONDA_PLACES", CONDA_PLACES.join(" "));
