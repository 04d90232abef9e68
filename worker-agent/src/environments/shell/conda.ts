/**
 * What stands for conda where a host has none: the calls that scripts make of it, done with micromamba or mamba where
 * they are, else with a virtual environment, pip, and the host's programs. It says what it cannot do, and how to get it.
 */

/** `bin/conda`. Beside it lie `bin/activate` and `etc/profile.d/conda.sh`, and two folders up make-env. */
export const CONDA_PROGRAM = String.raw`#!/bin/bash
# A stand-in for conda, which this host does not have.
set -u

base="$(cd -- "$(dirname -- "$0")/.." && pwd -P)"
make_env="$base/../make-env"

note() { printf '[roundhouse] conda: %s\n' "$*" >&2; }
fail() {
  note "error: $*"
  exit 1
}

get_real() {
  local arch=64
  [ "$(uname -m)" = aarch64 ] && arch=aarch64
  note "micromamba installs it as conda would. To get it: curl -Ls https://micro.mamba.pm/api/micromamba/linux-$arch/latest | tar -xj -C /usr/local bin/micromamba"
}

# What stands for one of conda's packages on a host: its kind, what to look for, and Debian's package; "spare" for what
# nobody misses. Nothing for what pip installs.
on_host() {
  case "$1" in
    nodejs) echo program node nodejs ;;
    ffmpeg | git | git-lfs | cmake | make | wget | curl | rsync | unzip | zip | sox | tmux | bzip2 | graphviz) echo program "$1" "$1" ;;
    yarn | pnpm | bun | uv) echo program "$1" "" ;;
    ninja) echo program ninja ninja-build ;;
    pkg-config) echo program pkg-config pkg-config ;;
    aria2) echo program aria2c aria2 ;;
    p7zip) echo program 7z p7zip-full ;;
    espeak-ng) echo program espeak-ng espeak-ng ;;
    gcc | c-compiler | gcc_linux-64) echo program gcc build-essential ;;
    gxx | cxx-compiler | compilers | gxx_linux-64) echo program g++ build-essential ;;
    rust) echo program cargo cargo ;;
    go) echo program go golang ;;
    openjdk) echo program java default-jre-headless ;;
    cuda | cuda-toolkit | cudatoolkit | cudatoolkit-dev | cuda-nvcc) echo program nvcc nvidia-cuda-toolkit ;;
    libcu* | libnv* | libnpp | cudnn | nccl | cuda-cudart | cuda-libraries | cuda-runtime) echo spare "it comes with PyTorch" ;;
    libstdcxx-ng | libgcc-ng | conda-libmamba-solver | libmamba) echo spare "it is not needed" ;;
    portaudio) echo library libportaudio.so.2 portaudio19-dev ;;
    libsndfile) echo library libsndfile.so.1 libsndfile1 ;;
    alsa-lib) echo library libasound.so.2 libasound2 ;;
    gtk3) echo library libgtk-3.so.0 libgtk-3-0 ;;
    nss) echo library libnss3.so libnss3 ;;
    nspr) echo library libnspr4.so libnspr4 ;;
    libgl | mesalib | mesa-libgl-cos7-x86_64) echo library libGL.so.1 libgl1 ;;
    libglib | glib) echo library libglib-2.0.so.0 libglib2.0-0 ;;
    xorg-libx11) echo library libX11.so.6 libx11-6 ;;
    xorg-libxext) echo library libXext.so.6 libxext6 ;;
    xorg-libxrender) echo library libXrender.so.1 libxrender1 ;;
  esac
}

has_library() {
  case "$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null)" in *"$1 "*) return 0 ;; *) return 1 ;; esac
}

# The digits of "name=3.12", "name==3.12.*", "name>=3.10,<3.13": the first version that is named.
version_of() { printf '%s' "$1" | sed -nE 's/^[^=<>!~ ]*[=<>!~ ]+([0-9]+(\.[0-9]+)*).*/\1/p'; }
name_of() { printf '%s' "$1" | sed -E 's/^.*:://; s/[]=<>!~ [].*//'; }

# For one that a virtual environment cannot give: uses the host's.
require_on_host() {
  local spec="$1" name="$2" kind="$3" what="$4" package="\${5:-}" wanted has
  if [ "$kind" = spare ]; then
    note "leaving $spec out: \${*:4}"
    return 0
  fi
  if { [ "$kind" = program ] && type -P "$what" >/dev/null; } || { [ "$kind" = library ] && has_library "$what"; }; then
    wanted="$(version_of "$spec")"
    if [ "$name" = nodejs ] && [ -n "$wanted" ]; then
      has="$(node --version)"
      has="\${has#v}"
      [ "\${has%%.*}" -ge "\${wanted%%.*}" ] || fail_lacking "Node.js $has of this host is older than the $wanted that is asked for" ""
    fi
    note "using this host's $what for $spec"
    return 0
  fi
  fail_lacking "$name is not on this host ($what), and a virtual environment cannot have it" "$package"
}

fail_lacking() {
  note "error: $1."
  [ -z "$2" ] || note "Debian and Ubuntu: apt-get install $2"
  get_real
  exit 1
}

# ---- what a call says ----
prefix=""
specs=()
rest=()
parse() {
  while [ $# -gt 0 ]; do
    case "$1" in
      -p | --prefix) prefix="\${2:-}"; shift ;;
      --prefix=*) prefix="\${1#*=}" ;;
      -n | --name) prefix="$(named "\${2:-}")"; shift ;;
      --name=*) prefix="$(named "\${1#*=}")" ;;
      -c | --channel) shift ;;
      --clone | --clone=* | -f | --file | --file=*) fail "$1 is not possible here. $(get_real 2>&1)" ;;
      -*) ;;
      *) specs+=("$1") ;;
    esac
    [ $# -eq 0 ] || shift
  done
}

# The folder of an environment that is called by a name.
named() {
  case "$1" in
    base | root) printf '%s' "$base" ;;
    *) printf '%s/.conda/envs/%s' "$HOME" "$1" ;;
  esac
}

# The first mamba that is there takes the call as it is; conda-forge is the channel of the conda that scripts expect.
delegate() {
  local mamba channels=() argument
  mamba="$(type -P micromamba || type -P mamba)" || return 1
  if [ -e "\${prefix:-/}/pyvenv.cfg" ]; then return 1; fi
  case "$1" in create | install | update | search) channels=(-c conda-forge) ;; esac
  for argument in "$@"; do
    case "$argument" in -c | --channel | --channel=*) channels=() ;; esac
  done
  exec "$mamba" "$1" \${channels[@]+"\${channels[@]}"} "\${@:2}"
}

# Python packages go to pip, all else must be on the host; that is looked at before anything is made.
sort_specs() {
  local spec name found
  python_version=""
  pip_specs=()
  for spec in \${specs[@]+"\${specs[@]}"}; do
    spec="\${spec#*::}"
    name="$(name_of "$spec")"
    read -r -a found <<<"$(on_host "$name")"
    if [ "$name" = python ]; then
      python_version="$(version_of "$spec")"
    elif [ "\${#found[@]}" -gt 0 ]; then
      require_on_host "$spec" "$name" "\${found[@]}"
    elif [ "$name" != pip ]; then
      pip_specs+=("$(pip_spec "$spec")")
    fi
  done
}

# conda's "numpy=1.26" is pip's "numpy==1.26.*".
pip_spec() { printf '%s' "$1" | sed -E 's/^([^=<>!~ ]+)=([^=].*)$/\1==\2.*/; s/\.\*\.\*$/.*/'; }

install_specs() {
  [ "\${#pip_specs[@]}" -eq 0 ] && return 0
  note "installing with pip: \${pip_specs[*]}"
  "$prefix/bin/python" -m pip install --disable-pip-version-check "\${pip_specs[@]}" || fail "pip could not install \${pip_specs[*]}"
}

create() {
  parse "$@"
  [ -n "$prefix" ] || fail "create needs -p <folder> or -n <name>"
  delegate create "$@"
  sort_specs
  mkdir -p -- "$(dirname -- "$prefix")"
  if [ "\${#specs[@]}" -eq 0 ] && [ ! -e "$prefix/bin/python" ]; then
    # As conda does: an empty one, which gets its Python with the first install.
    mkdir -p -- "$prefix/conda-meta"
    return 0
  fi
  bash "$make_env" "$prefix" "$python_version" || exit 1
  install_specs
}

install() {
  local has
  parse "$@"
  prefix="\${prefix:-\${CONDA_PREFIX:-}}"
  if [ "$prefix" = "$base" ]; then
    note "there is no base environment; nothing is installed there"
    return 0
  fi
  [ -e "$prefix/pyvenv.cfg" ] || [ -d "\${prefix:-/}/conda-meta" ] || fail "install needs an environment: activate one, or name it with -p"
  delegate install "$@"
  sort_specs
  [ -x "$prefix/bin/python" ] || bash "$make_env" "$prefix" "$python_version" || exit 1
  has="$("$prefix/bin/python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')"
  case "$has." in "\${python_version:+$python_version.}"*) ;; *) fail "$prefix has Python $has; for $python_version make it anew" ;; esac
  install_specs
}

remove_env() {
  parse "$@"
  delegate env remove "$@"
  if [ -e "$prefix/pyvenv.cfg" ] || [ -e "$prefix/conda-meta" ]; then rm -rf -- "$prefix"; else fail "no environment at \${prefix:-any folder}"; fi
}

run() {
  while [ $# -gt 0 ]; do
    case "$1" in
      -p | --prefix) prefix="$2"; shift 2 ;;
      -n | --name) prefix="$(named "$2")"; shift 2 ;;
      -*) shift ;;
      *) break ;;
    esac
  done
  # shellcheck source=/dev/null
  source "$base/etc/profile.d/conda.sh"
  conda activate "\${prefix:-base}" || exit 1
  exec "$@"
}

case "\${1:-}" in
  create) create "\${@:2}" ;;
  install | update) install "\${@:2}" ;;
  run) run "\${@:2}" ;;
  clean) delegate "$@" || note "nothing is kept that could be cleaned" ;;
  shell.* | shell)
    printf '_rh_conda=%q\n' "$base/bin/conda"
    cat -- "$base/etc/profile.d/conda.sh"
    ;;
  init | config) note "$1 changes nothing here" ;;
  activate | deactivate) fail "use 'source activate <folder>', or eval \"\$(conda shell.bash hook)\" first" ;;
  info)
    case "$*" in
      *--base*) printf '%s\n' "$base" ;;
      *) printf 'a stand-in for conda, at %s\n' "$base" ;;
    esac
    ;;
  --version | -V) echo "conda 0 (a stand-in by roundhouse)" ;;
  env)
    case "\${2:-}" in
      list) printf '# conda environments:\n#\nbase  %s\n%s' "$base" "\${CONDA_PREFIX:+      * $CONDA_PREFIX
}" ;;
      remove) remove_env "\${@:3}" ;;
      *) delegate "$@" || fail_lacking "'conda env \${2:-}' is not possible here" "" ;;
    esac
    ;;
  *) delegate "$@" || fail_lacking "'conda \${1:-}' is not possible here" "" ;;
esac
`.replaceAll("\\${", "${");

/** `etc/profile.d/conda.sh`, and, with the program's place before it, what `conda shell.bash hook` prints. */
export const CONDA_HOOK =
  String.raw`# Loaded by scripts: conda as a function, which alone can change a shell's environment.
[ -n "\${_rh_conda:-}" ] || _rh_conda="$(cd -- "$(dirname -- "\${BASH_SOURCE[0]}")/../.." && pwd)/bin/conda"

conda() {
  case "\${1:-}" in
    activate) shift; _rh_activate "$@" ;;
    deactivate) _rh_deactivate ;;
    *) "$_rh_conda" "$@" ;;
  esac
}

_rh_activate() {
  local dir="\${1:-base}" hook
  case "$dir" in
    base | root) _rh_deactivate; return 0 ;;
    */* | . | ..) ;;
    *) dir="$HOME/.conda/envs/$dir" ;;
  esac
  if [ ! -x "$dir/bin/python" ] && [ ! -d "$dir/conda-meta" ]; then
    printf '[roundhouse] conda: error: no environment at %s\n' "$dir" >&2
    return 1
  fi
  _rh_deactivate
  dir="$(cd -- "$dir" && pwd)" || return 1
  export PATH="$dir/bin:$PATH" CONDA_PREFIX="$dir" CONDA_DEFAULT_ENV="$dir" CONDA_SHLVL=1
  if [ -e "$dir/pyvenv.cfg" ]; then export VIRTUAL_ENV="$dir"; fi
  unset PYTHONHOME
  hash -r
  for hook in "$dir"/etc/conda/activate.d/*.sh; do
    if [ -e "$hook" ]; then . "$hook"; fi
  done
}

_rh_deactivate() {
  if [ -z "\${CONDA_PREFIX:-}" ]; then return 0; fi
  case ":$PATH:" in
    ":$CONDA_PREFIX/bin:"*) PATH="\${PATH#"$CONDA_PREFIX/bin:"}" ;;
  esac
  if [ "\${VIRTUAL_ENV:-}" = "$CONDA_PREFIX" ]; then unset VIRTUAL_ENV; fi
  unset CONDA_PREFIX CONDA_DEFAULT_ENV CONDA_SHLVL
  hash -r
}
`.replaceAll("\\${", "${");

/** `bin/activate` and `bin/deactivate`: sourced. */
export const CONDA_ACTIVATE = sourcing('conda activate "$@"');
export const CONDA_DEACTIVATE = sourcing("conda deactivate");

function sourcing(call: string): string {
  return `. "$(dirname -- "\${BASH_SOURCE[0]}")/../etc/profile.d/conda.sh"\n${call}\n`;
}
