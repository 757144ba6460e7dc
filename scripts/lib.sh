# shellcheck shell=bash
# What the commands have in common. Sourced by the scripts beside it.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ROOT=$PWD
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
LOGS=$TARGET/logs
RUST_MIN=1.95.0
NODE_MIN=20.0.0

# Debian keeps the server's programs of PostgreSQL out of the way.
for folder in /usr/lib/postgresql/*/bin; do
  [ -d "$folder" ] && PATH=$PATH:$folder
done
export PATH

fail() {
  echo "fairmark: $*" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# at_least HAVE WANT: whether a version is as new as another.
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# need_package COMMAND PACKAGE WHY: installs a Debian package where COMMAND is missing and we may.
need_package() {
  local command=$1 package=$2 why=$3 as_root=()
  has "$command" && return
  has apt-get || fail "$why needs \`$command\`: install it (on Debian: $package)"
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      fail "$why needs \`$command\`: run \`sudo apt-get install $package\`"
    fi
    as_root=(sudo -n)
  fi
  echo "setup: installing the Debian package $package ($why)"
  mkdir -p "$LOGS"
  local log=$LOGS/apt-$package.log
  if ! { "${as_root[@]}" apt-get update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package"; } \
    >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "the Debian package $package could not be installed ($why)"
  fi
  for folder in /usr/lib/postgresql/*/bin; do
    case ":$PATH:" in *":$folder:"*) ;; *) [ -d "$folder" ] && PATH=$PATH:$folder ;; esac
  done
  hash -r
}

need_rust() {
  has rustc || fail "Rust is missing: install Rust $RUST_MIN or newer with rustup"
  local have
  have=$(rustc --version | cut -d ' ' -f 2)
  at_least "${have%%-*}" "$RUST_MIN" || fail "Rust $have is too old: install Rust $RUST_MIN or newer (rustup update)"
  need_package cc build-essential "building the server"
}

need_node() {
  has node || fail "Node is missing: install Node $NODE_MIN or newer"
  local have
  have=$(node --version)
  at_least "${have#v}" "$NODE_MIN" || fail "Node $have is too old: install Node $NODE_MIN or newer"
  has npm || fail "npm is missing: install it beside Node"
  # Fetched anew only when the lock has changed.
  local stamp=web/node_modules/.lock.sum sum
  sum=$(sha256sum web/package-lock.json | cut -d ' ' -f 1)
  [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
  echo "setup: fetching the packages of the pages (npm ci)"
  mkdir -p "$LOGS"
  if ! (cd web && npm ci --no-audit --no-fund) >"$LOGS/npm-ci.log" 2>&1; then
    tail -n 30 "$LOGS/npm-ci.log" >&2
    fail "npm ci failed: $LOGS/npm-ci.log"
  fi
  echo "$sum" >"$stamp"
}

need_postgres() {
  need_package initdb postgresql "testing on PostgreSQL"
}

need_chromium() {
  if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || fail "CHROMIUM=$CHROMIUM is not a program"
  else
    need_package chromium chromium "telling the browser stories"
    CHROMIUM=$(command -v chromium)
  fi
  export CHROMIUM
}

need_ffmpeg() {
  need_package ffmpeg ffmpeg "making videos to test with"
}

# What reads the files of other tools beside us, each in its own words.
PEERS_LIST="pycocotools datumaro label-studio-sdk datasets pandas argilla transformers webdataset laspy lazrs pypcd4 nuscenes-devkit"

# need_peers: a Python with the other tools, made once; what cannot be fetched is told, and its checks are skipped.
need_peers() {
  PEERS=$TARGET/peers
  local package stamp=$PEERS/done
  [ "$(cat "$stamp" 2>/dev/null)" = "$PEERS_LIST" ] && return
  mkdir -p "$LOGS"
  has python3 && { [ -x "$PEERS/bin/python" ] || python3 -m venv "$PEERS"; } >"$LOGS/peers.log" 2>&1 || {
    echo "skipped: python3 with venv is missing (on Debian: python3-venv): no file is read by the other tools"
    return 1
  }
  local missing=""
  for package in $PEERS_LIST; do
    "$PEERS/bin/python" -m pip install --quiet "$package" >>"$LOGS/peers.log" 2>&1 || missing="$missing $package"
  done
  # Its own reader of preferences asks for nothing that trains.
  "$PEERS/bin/python" -m pip install --quiet --no-deps trl >>"$LOGS/peers.log" 2>&1 || missing="$missing trl"
  if [ -n "$missing" ]; then
    echo "skipped: not to be fetched:$missing ($LOGS/peers.log)"
  else
    echo "$PEERS_LIST" >"$stamp"
  fi
}

# Label Studio's own package for models, which wants old versions of what others want new, and a reference runtime.
MODEL_PEERS_LIST="label-studio-ml==1.0.9 rq redis setuptools pillow numpy onnxruntime"

# need_model_peers: the same for models, in a Python of its own.
need_model_peers() {
  MODEL_PEERS=$TARGET/peers-models
  local stamp=$MODEL_PEERS/done
  [ "$(cat "$stamp" 2>/dev/null)" = "$MODEL_PEERS_LIST" ] && return
  mkdir -p "$LOGS"
  has python3 && { [ -x "$MODEL_PEERS/bin/python" ] || python3 -m venv "$MODEL_PEERS"; } >"$LOGS/peers-models.log" 2>&1 || {
    echo "skipped: python3 with venv is missing (on Debian: python3-venv): no model of others is asked"
    return 1
  }
  # shellcheck disable=SC2086
  if "$MODEL_PEERS/bin/python" -m pip install --quiet $MODEL_PEERS_LIST >>"$LOGS/peers-models.log" 2>&1; then
    echo "$MODEL_PEERS_LIST" >"$stamp"
  else
    echo "skipped: not to be fetched: $MODEL_PEERS_LIST ($LOGS/peers-models.log)"
    return 1
  fi
}

# Steps: each writes to a log of its own, which is shown only when the step fails.

FAILED=()
declare -A STEP_PID STEP_BEGAN

log_of() {
  echo "$LOGS/${1//[^A-Za-z0-9]/-}.log"
}

# start NAME COMMAND…: begins a step beside the others.
start() {
  local name=$1
  shift
  mkdir -p "$LOGS"
  STEP_BEGAN[$name]=$SECONDS
  # The script was told to stop at errors; a step hands its own back instead.
  { set +e; "$@"; } </dev/null >"$(log_of "$name")" 2>&1 &
  STEP_PID[$name]=$!
}

# finish NAME: waits for a step and says how it went; a failure is remembered, not passed on.
finish() {
  local name=$1 log status=0
  log=$(log_of "$name")
  wait "${STEP_PID[$name]}" || status=$?
  local took=$((SECONDS - STEP_BEGAN[$name]))
  if [ "$status" -eq 0 ]; then
    printf '  %-34s ok      %4d s  %s\n' "$name" "$took" "$(summary_of "$log")"
    return 0
  fi
  FAILED+=("$name")
  printf '  %-34s FAILED  %4d s  %s\n' "$name" "$took" "$(summary_of "$log")"
  echo "──── $name: the end of $log"
  tail -n 80 "$log"
  echo "────"
  return 1
}

# step NAME COMMAND…: the same, at once.
step() {
  start "$@"
  finish "$1"
}

# What the runners of tests wrote at their end, as "passed failed skipped".
count_tests() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" 2>/dev/null | awk '
    function number(what,   at) {
      if (match($0, "[0-9]+ " what)) { at = substr($0, RSTART, RLENGTH); sub(/ .*/, "", at); return at + 0 }
      return 0
    }
    /^test result:/ || /tests? run:/ || /^ *Tests +[0-9]/ || /^ *[0-9]+ passed,? / || /^ *[0-9]+ passed$/ {
      passed += number("passed"); failed += number("failed") + number("timed out") + number("exec failed")
      skipped += number("skipped") + number("ignored")
    }
    /^ok +[a-z].* \([0-9]+ ms\)$/ { passed += 1 }
    /^FAIL +[a-z][^:]*:/ { failed += 1 }
    END { print passed + 0, failed + 0, skipped + 0 }'
}

summary_of() {
  local passed failed skipped
  read -r passed failed skipped < <(count_tests "$1")
  [ $((passed + failed)) -eq 0 ] && return 0
  printf '%d passed, %d failed' "$passed" "$failed"
  [ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
}

# closing NAME…: sums up the steps that ran tests, and ends the script.
closing() {
  local name passed=0 failed=0 skipped=0 p f s
  for name in "$@"; do
    [ -n "${STEP_BEGAN[$name]:-}" ] || continue
    read -r p f s < <(count_tests "$(log_of "$name")")
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  done
  echo
  if [ "${#FAILED[@]}" -gt 0 ]; then
    printf 'failed: %s\n' "${FAILED[@]}"
  fi
  printf '%d passed, %d failed, %d skipped in %d min %02d s\n' "$passed" "$failed" "$skipped" $((SECONDS / 60)) $((SECONDS % 60))
  [ "${#FAILED[@]}" -eq 0 ] && [ "$failed" -eq 0 ]
}

# Rust tests, with the faster runner where it is installed.
rust_tests() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked "$@"
  else
    cargo test --locked --no-fail-fast --lib --bins --tests "$@"
  fi
}

web() {
  (cd "$ROOT/web" && npm run --silent "$@")
}
