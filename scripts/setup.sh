# What ./run, ./test, ./bench and .ci/run share: versions, checks, and the steps of a build. Sourced, never run.
# Everything is installed only when it is missing and built only when its inputs have changed.
set -euo pipefail

caller_folder=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

trunk_version=0.21.14
bindgen_version=0.2.126   # equals the wasm-bindgen crate in app/Cargo.toml
geckodriver_version=0.37.1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/huixiao
target=${CARGO_TARGET_DIR:-$PWD/target}
export PATH="$PWD/node_modules/.bin:$cache/tools/bin:$HOME/.cargo/bin:$PATH"

steps=0
step_now=0

step() {
  step_now=$((step_now + 1))
  printf '[%d/%d] %s\n' "$step_now" "$steps" "$*"
}

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# need COMMAND WHERE-FROM
need() { has "$1" || fail "$1 is missing: install $2, then start again"; }

# --- Debian packages -------------------------------------------------------------------------------------

# debian PACKAGE…: installs those that are missing.
debian() {
  local missing=() package as_root=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  has apt-get || fail "these Debian packages are missing: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    if has sudo && sudo -n true 2>/dev/null; then as_root=(sudo); else fail "packages are missing: as root, apt-get install ${missing[*]}"; fi
  fi
  printf '      installing %s\n' "${missing[*]}"
  "${as_root[@]}" apt-get update -q >/dev/null || fail "apt-get update failed"
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get could not install ${missing[*]}"
}

# own_postgres: a PostgreSQL of its own for as long as the script runs, at $postgres_url.
own_postgres() {
  step "PostgreSQL"
  debian postgresql
  cluster=$(mktemp -d)
  postgres_url=$(scripts/postgres.sh start "$cluster")
  trap 'scripts/postgres.sh kill "$cluster"; rm -rf "$cluster"' EXIT
}

# peers NAME: what is measured beside ours, from npm, in tests/peers/NAME. Without scripts: what is native is in the packages, and nothing else
# is fetched.
peers() {
  local folder=tests/peers/$1
  step "the peers, from npm"
  need npm "Node.js with npm"
  if ! unchanged "peers-$1" "$folder/package.json" "$folder/package-lock.json" || [ ! -d "$folder/node_modules" ]; then
    (cd "$folder" && npm ci --ignore-scripts --loglevel=error) || fail "npm ci failed in $folder"
    remember "peers-$1"
  fi
}

# device_page PROFILE: the page of the device's bench in $target/bench-device: the peers, and our replica: built as it ships (wasm-release), or
# quickly (dev), for who wants to see that it runs.
device_page() {
  local profile=$1 page=$target/bench-device folder=$1
  [ "$profile" != dev ] || folder=debug
  step "the page of the bench (first time: about 3 minutes)"
  if ! unchanged "device-page-$profile" "${app_sources[@]}" tests/peers/device/*.* || ! cmp -s "$page/profile" <(echo "$profile"); then
    cargo build -p app --target wasm32-unknown-unknown --profile "$profile" --features measure
    wasm-bindgen --target web --no-typescript --out-dir "$page/ours" "$target/wasm32-unknown-unknown/$folder/app.wasm"
    [ "$profile" = dev ] || wasm-opt -Oz -o "$page/ours/app_bg.wasm" "$page/ours/app_bg.wasm"
    tests/peers/device/node_modules/.bin/esbuild tests/peers/device/page.mjs --bundle --minify --format=esm '--external:/ours/*' \
      --log-level=warning "--outfile=$page/page.js"
    echo "$profile" >"$page/profile"
    remember "device-page-$profile"
  fi
}

# camera_page: the page of the camera's bench in $target/bench-camera: the peers, to stand beside our scanner as it ships.
camera_page() {
  local page=$target/bench-camera peers=tests/peers/camera
  step "the page of the bench"
  mkdir -p "$page"
  "$peers/node_modules/.bin/esbuild" "$peers/page.mjs" --bundle --minify --format=esm --log-level=warning "--outfile=$page/page.js"
  cp "$peers/node_modules/zxing-wasm/dist/reader/zxing_reader.wasm" "$page/"
}

# --- stamps: what a step was last made from --------------------------------------------------------------

fingerprint() { find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum; }

# unchanged STEP PATH…: true if STEP succeeded with exactly these files. Taken before the step, so that what is edited meanwhile counts as new.
unchanged() {
  local stamp=$target/stamps/$1
  shift
  inputs=$(fingerprint "$@")
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$inputs" ]
}

# remember STEP: it has succeeded with the inputs that `unchanged` saw.
remember() {
  mkdir -p "$target/stamps"
  printf '%s\n' "$inputs" >"$target/stamps/$1"
}

# --- the steps -------------------------------------------------------------------------------------------

rust_tools() {
  step "Rust and its WebAssembly target"
  need cargo "Rust (rustup.rs, 1.95 or newer)"
  need npm "Node.js with npm"
  has cc || debian gcc libc6-dev
  if [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
    need rustup "the target wasm32-unknown-unknown of your Rust, or rustup"
    rustup target add wasm32-unknown-unknown
  fi
}

# cargo_tool NAME VERSION OPTIONS…: a tool of its own version, away from the user's other tools.
cargo_tool() {
  local crate=$1 version=$2
  shift 2
  case "$(${crate%-cli} --version 2>/dev/null || true)" in *" $version"*) return 0 ;; esac
  cargo install "$crate" --locked --version "$version" --debug --root "$cache/tools" "$@" || fail "$crate $version could not be installed"
}

build_tools() {
  step "Trunk $trunk_version (first time: about 3 minutes)"
  cargo_tool trunk "$trunk_version" --no-default-features --features rustls
  step "wasm-bindgen $bindgen_version (first time: about 3 minutes)"
  cargo_tool wasm-bindgen-cli "$bindgen_version"
  step "binaryen and axe-core from npm"
  if ! unchanged npm package.json package-lock.json || [ ! -d node_modules ]; then
    npm ci --loglevel=error || fail "npm ci failed"
    remember npm
  fi
}

app_sources=(.cargo app shared texts public scripts/finish-dist.mjs Trunk.toml Cargo.toml Cargo.lock package-lock.json)

build_app() {
  step "the app, as WebAssembly (first time: about 3 minutes)"
  # A developer's own `trunk build` leaves another page in dist/.
  if ! unchanged app "${app_sources[@]}" || ! cmp -s dist/index.html "$target/stamps/app.html"; then
    trunk build --release --offline || fail "the app could not be built"
    remember app
    cp dist/index.html "$target/stamps/app.html"
  fi
}
