#!/bin/sh
# Turns this machine into a node of a Roundhouse pool. It needs no Node, no root and no compiler:
#
#   curl -fsSL <control plane>/install.sh | sh -s -- --token T
#
# It finds a Node or fetches one, fetches the control plane's own worker agent, checks both, and starts the agent.
# Everything stands in functions that the last line calls, so that a download that was cut off runs nothing.
set -eu

CONTROL_PLANE='@PUBLIC_URL@'
NODE_VERSION=v24.21.0
OLDEST_NODE=20
NODE_SOURCE=https://nodejs.org/dist
# For a C library that nodejs.org builds nothing for: musl, and glibc before 2.28.
UNOFFICIAL_NODE_SOURCE=https://unofficial-builds.nodejs.org/download/release
# Looks, about five a second, for a connected agent in the background.
JOIN_LOOKS=300

usage() {
  cat <<END
Turns this machine into a node of the pool at $url.

  curl -fsSL $url/install.sh | sh -s -- --token T [options]

  --token T           join token from the dashboard (Nodes, Add a node); not needed when the machine is a node already
  --data DIR          where everything is kept, Node and the agent included
  --background        start the agent on its own and return, for notebooks; its output goes to a file
  --url U             address of the control plane, when it is not $url
  --node-source U     where Node comes from if there is none (default: $NODE_SOURCE)
  --node-version V    which Node that is (default: $NODE_VERSION)

  --policy P          what tools of jobs may do on this machine at most: allow, ask (a person each time) or deny
  --no-exec           no job ever runs a program of its own here

Every other option is the agent's, like these two: --name N, --label k=v, --platform NAME, --port-pool F-L, --install-service …
The agent keeps --policy and --no-exec with the node: they hold at every later start, until others are given.
END
}

main() {
  umask 022
  url=$CONTROL_PLANE data='' node_source='' node_version=$NODE_VERSION background=''
  left=$#
  # What is not for this script is put at the end again: after the loop "$@" is what the agent gets.
  while [ "$left" -gt 0 ]; do
    option=$1
    shift
    left=$((left - 1))
    case $option in
    --help | -h) usage && return ;;
    --background) background=yes && continue ;;
    --url=* | --data=* | --node-source=* | --node-version=*) value=${option#*=} ;;
    --url | --data | --node-source | --node-version)
      [ "$left" -gt 0 ] || fail "$option needs a value." "--help shows every option."
      value=$1
      shift
      left=$((left - 1))
      ;;
    *) set -- "$@" "$option" && continue ;;
    esac
    case $option in
    --url*) url=${value%/} && set -- "$@" --url "$value" ;;
    --data*) data=$value && set -- "$@" --data "$value" ;;
    --node-source*) node_source=${value%/} ;;
    --node-version*) node_version=v${value#v} ;;
    esac
  done
  case $url in
  http://* | https://*) ;;
  *) fail "The address of the control plane is \"$url\"." "Give it: --url https://pool.example.com" ;;
  esac

  make_place
  find_node || install_node
  find_agent || install_agent
  rm -rf "$work"
  [ -z "$background" ] || start_in_background "$@"
  [ -n "$background" ] || exec "$node" "$agent" "$@" </dev/null
}

# ---- the folder

# $place: where Node and the agent go. $work: a folder of this run there, so that what is complete appears by a rename.
make_place() {
  place=${data:-$(default_data)}
  if ! mkdir -p "$place" 2>/dev/null || ! make_work; then
    say "$place cannot be written; Node and the agent go to a temporary folder."
    place=$(mktemp -d) || fail "No folder can be written." "Name one that can: --data DIR"
    make_work || fail "$place cannot be written." "Is the disk full? df -h shows it."
  fi
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

make_work() {
  work=$place/.install-$$
  rm -rf "$work" 2>/dev/null && mkdir "$work" 2>/dev/null
}

# The usual place of the agent's data root, or where a platform's disk outlives a stop. The agent itself looks closer and
# may choose another one: then only Node and the agent's program are here.
default_data() {
  if [ -n "${LIGHTNING_CLOUD_SPACE_ID:-}" ]; then
    echo /teamspace/studios/this_studio/.worker-agent
  elif [ -n "${RUNPOD_POD_ID:-}" ] && grep -q ' /workspace ' /proc/mounts; then
    echo /workspace/worker-agent
  elif [ -n "${PAPERSPACE_FQDN:-}" ] && [ -d /storage ]; then
    echo /storage/worker-agent
  elif [ "$(id -u)" = 0 ]; then
    echo /var/lib/worker-agent
  else
    echo "${HOME:-/tmp}/.worker-agent"
  fi
}

# ---- Node

# Sets $node to the first Node that runs, is new enough, and has npm, which apps are promised.
find_node() {
  home=${HOME:-/nonexistent}
  for candidate in \
    "$(command -v node || true)" \
    "$place"/node/*/bin/node \
    "${NVM_DIR:-$home/.nvm}"/versions/node/*/bin/node "$home"/.nvm/versions/node/*/bin/node \
    /opt/nvm/versions/node/*/bin/node /usr/local/nvm/versions/node/*/bin/node \
    "${CONDA_PREFIX:-/opt/conda}"/bin/node /opt/conda/bin/node /opt/miniconda3/bin/node \
    "$home"/miniconda3/bin/node "$home"/miniforge3/bin/node "$home"/anaconda3/bin/node \
    "${FNM_DIR:-$home/.local/share/fnm}"/node-versions/*/installation/bin/node \
    "${VOLTA_HOME:-$home/.volta}"/tools/image/node/*/bin/node \
    "${ASDF_DATA_DIR:-$home/.asdf}"/installs/nodejs/*/bin/node \
    "$home"/.local/share/mise/installs/node/*/bin/node \
    /usr/local/bin/node /usr/local/lib/nodejs/*/bin/node /opt/node*/bin/node /tools/node/bin/node /usr/bin/node; do
    is_usable "$candidate" || continue
    say "Node $version is at $node."
    return 0
  done
  return 1
}

is_usable() {
  [ -f "$1" ] && [ -x "$1" ] || return 1
  # The path is asked for, since what is on PATH may be a version manager's stand-in.
  answer=$("$1" -p 'process.versions.node + " " + process.execPath' 2>/dev/null </dev/null) || return 1
  version=${answer%% *} node=${answer#* }
  major=${version%%.*}
  case $major in '' | *[!0-9]*) return 1 ;; esac
  [ "$major" -ge "$OLDEST_NODE" ] || return 1
  [ -x "${node%/*}/npm" ] || has npm
}

install_node() {
  name=node-$node_version-$(node_build) || exit 1
  case $name in
  *-musl | *-glibc-217) node_source=${node_source:-$UNOFFICIAL_NODE_SOURCE} ;;
  *) node_source=${node_source:-$NODE_SOURCE} ;;
  esac
  from=$node_source/$node_version
  say "No Node $OLDEST_NODE or newer with npm is here. Fetching $name from $node_source …"
  fetch "$from/SHASUMS256.txt" "$work/node-sums" ||
    fail "$from/SHASUMS256.txt could not be fetched." \
      "Check the network and the proxy settings, choose another source with --node-source, or install Node $OLDEST_NODE yourself."
  archive=$name.tar.gz unpack='gzip -dc'
  if has xz && sum_of "$name.tar.xz" "$work/node-sums" >/dev/null; then archive=$name.tar.xz unpack='xz -dc'; fi
  fetch_checked "$from/$archive" "$work/$archive" "$work/node-sums"
  $unpack "$work/$archive" | tar -xof - -C "$work" ||
    fail "$archive could not be unpacked in $place." "It needs 250 MB: df -h \"$place\" shows what is free; --data names another folder."
  # Headers and manuals are half of it, and nobody reads them here.
  rm -rf "$work/$name/include" "$work/$name/share"
  is_usable "$work/$name/bin/node" || fail_to_run "$work/$name/bin/node"
  mkdir -p "$place/node"
  rm -rf "${place:?}/node/$name"
  mv "$work/$name" "$place/node/$name"
  node=$place/node/$name/bin/node
  say "Node $version is installed at $node."
}

# Says which of Node's builds suits this machine's processor and C library.
node_build() {
  [ "$(uname -s)" = Linux ] ||
    fail "Node is fetched for Linux only, and this is $(uname -s)." "Install Node $OLDEST_NODE or newer and run this again."
  machine=$(uname -m)
  case $machine in
  x86_64 | amd64) processor=x64 ;;
  aarch64 | arm64) processor=arm64 ;;
  *) fail "nodejs.org has no Node for the processor $machine." "Install Node $OLDEST_NODE or newer and run this again." ;;
  esac
  library=$(c_library)
  case $processor$library in
  x64musl | x64glibc-217) echo "linux-x64-$library" ;;
  arm64musl) fail "There is no Node to fetch for arm64 with musl." "Install Node: apk add nodejs npm. Then run this again." ;;
  arm64glibc-217) fail "This system's C library is older than glibc 2.28, which Node needs on arm64." "Use a newer system or image." ;;
  *) echo "linux-$processor" ;;
  esac
}

# Nothing for a glibc of 2.28 or newer, which is what nodejs.org builds for, and where it cannot be told.
c_library() {
  glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || glibc=''
  case $glibc in
  'glibc 2.'*)
    minor=${glibc#glibc 2.}
    [ "${minor%%.*}" -ge 28 ] || echo glibc-217
    ;;
  *) for loader in /lib/ld-musl-*; do [ ! -e "$loader" ] || echo musl; done ;;
  esac
}

fail_to_run() {
  "$1" --version || true
  hint="The lines above say why. Install Node $OLDEST_NODE or newer yourself and run this again, or use a newer image."
  case $1 in *-musl/*) hint="On Alpine it needs: apk add libstdc++" ;; esac
  fail "The Node that was fetched does not run here, or has no npm." "$hint"
}

# ---- the worker agent

# Sets $agent when the package that the control plane names is here already.
find_agent() {
  fetch "$url/agent/SHASUMS256.txt" "$work/agent-sums" ||
    fail "$url/agent/SHASUMS256.txt could not be fetched." "Is the control plane running, and can this machine reach it?"
  read -r _ package <"$work/agent-sums" || package=''
  case $package in
  */* | .*) package='' ;;
  worker-agent-*.tgz) ;;
  *) package='' ;;
  esac
  [ -n "$package" ] || fail "$url/agent/SHASUMS256.txt names no worker agent." "Is this a Roundhouse control plane?"
  folder=$place/agent/${package%.tgz}
  agent=$folder/dist/agent.mjs
  [ -f "$agent" ]
}

install_agent() {
  say "Fetching ${package%.tgz} …"
  fetch_checked "$url/agent/$package" "$work/$package" "$work/agent-sums"
  gzip -dc "$work/$package" | tar -xof - -C "$work" || fail "$package could not be unpacked in $place." "df -h \"$place\" shows what is free."
  mkdir -p "$place/agent"
  rm -rf "${folder:?}"
  mv "$work/package" "$folder"
}

# Returns when the agent is connected, so that a notebook's cell ends with what has become of it.
start_in_background() {
  log=$place/agent.log
  if has setsid; then detach='setsid'; else detach='nohup'; fi
  "$detach" "$node" "$agent" "$@" </dev/null >"$log" 2>&1 &
  pid=$!
  looks=0
  until grep ' connected to ' "$log"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      cat "$log" >&2
      fail "The agent has ended." "The lines above say why."
    fi
    if [ "$looks" -ge "$JOIN_LOOKS" ]; then
      cat "$log"
      say "The agent is not connected yet; it goes on trying."
      break
    fi
    # Not every sleep knows parts of a second.
    sleep 0.2 2>/dev/null || sleep 1
    looks=$((looks + 1))
  done
  say "The agent runs in the background: process $pid, output in $log"
  say "To end it and its apps: $node $agent stop${data:+ --data $data}"
}

# ---- fetching

fetch() {
  if has curl; then
    curl -fsSL --connect-timeout 20 --retry 3 -o "$2" "$1"
  elif has wget; then
    wget -q -O "$2" "$1"
  elif has python3; then
    python3 -c 'import shutil, sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=60) as source, open(sys.argv[2], "wb") as file:
    shutil.copyfileobj(source, file)' "$1" "$2"
  else
    fail "Nothing here can fetch a file." "Install curl, wget or python3 (apt-get install curl) and run this again."
  fi
}

# A file whose checksum stands in a list. Says how far it is, every few seconds.
fetch_checked() {
  show_progress "$2" &
  progress=$!
  fetched=yes
  fetch "$1" "$2" || fetched=''
  # A milder signal may meet it before it has left our traps behind, and is lost then.
  kill -KILL "$progress" 2>/dev/null || true
  wait "$progress" 2>/dev/null || true
  [ -n "$fetched" ] || fail "$1 could not be fetched." "Check the network and the free space (df -h \"$place\"), then run this again."
  wanted=$(sum_of "${2##*/}" "$3") || fail "${2##*/} is not in the list of checksums." "Is the source right? $1"
  found=$(sha256_of "$2")
  [ "$wanted" = "$found" ] ||
    fail "${2##*/} does not match its checksum (found $found, expected $wanted), and is not used." \
      "The download was cut off or changed on its way: run this again."
}

show_progress() {
  # A sleep that outlives us must not hold our output open.
  while sleep 3 >/dev/null 2>&1; do
    [ ! -f "$1" ] || say "  $(($(wc -c <"$1") / 1048576)) MiB"
  done
}

# The checksum of file $1 in the list $2.
sum_of() {
  while read -r sum file; do
    [ "${file#\*}" != "$1" ] || { echo "$sum" && return 0; }
  done <"$2"
  return 1
}

sha256_of() {
  if has sha256sum; then
    sum=$(sha256sum <"$1")
  elif has shasum; then
    sum=$(shasum -a 256 <"$1")
  elif has openssl; then
    sum=$(openssl dgst -sha256 -r <"$1")
  elif has python3; then
    sum=$(python3 -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())' <"$1")
  else
    fail "Nothing here can check a checksum." "Install coreutils or openssl and run this again."
  fi
  echo "${sum%% *}"
}

# ---- words

has() { command -v "$1" >/dev/null 2>&1; }

say() { printf '%s\n' "$*"; }

# What went wrong, and what to do.
fail() {
  printf 'install.sh: %s\n  %s\n' "$1" "$2" >&2
  exit 1
}

main "$@"
