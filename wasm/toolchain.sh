#!/usr/bin/env bash
# Prints the folder that holds a usable emcc (>= 3.1.60), making a private toolchain first where there is none.
#
#   wasm/toolchain.sh            prints a folder to put first on PATH
#
# An emcc on PATH (emsdk) is used as it is. Otherwise, on Debian 12 x86-64, Emscripten 3.1.69 and Binaryen 120 come from Debian 13 as plain
# files under the user's cache folder, run by Debian 13's own libc, with Debian 12's clang-19 as the compiler. The system's package sources are never touched.
set -euo pipefail

minimum=3.1.60
version=debian13-emscripten-3.1.69-3 # the number after the last hyphen counts changes to the recipe below
cache=${XDG_CACHE_HOME:-$HOME/.cache}/byteflow
home=$cache/toolchain-$version
folder=/usr/share/emscripten # inside Debian's package
bin=$home/root$folder

fail() {
  echo "toolchain: $*" >&2
  exit 1
}

at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

if command -v emcc >/dev/null; then
  found=$(emcc --version 2>/dev/null | sed -nE '1s/.* ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p')
  if [ -n "$found" ] && at_least "$minimum" "$found"; then
    dirname "$(command -v emcc)"
    exit 0
  fi
  echo "toolchain: emcc ${found:-of unknown version} on PATH is older than $minimum; making a private one" >&2
fi

if [ -x "$bin/emcc" ]; then
  echo "$bin"
  exit 0
fi

[ "$(uname -sm)" = "Linux x86_64" ] && command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
  fail "no emcc >= $minimum on PATH, and a private one can be made only on Debian 12 x86-64; install emsdk and put its emcc on PATH"
[ -x /usr/bin/clang-19 ] && [ -x /usr/bin/wasm-ld-19 ] && [ -x /usr/bin/llvm-ar-19 ] ||
  fail "clang-19, lld-19 and llvm-19 are needed; install them with: apt-get install clang-19 lld-19 llvm-19"

mkdir -p "$cache"
exec 9>"$cache/toolchain.lock"
flock 9 # one clone makes it, the others wait and find it
if [ -x "$bin/emcc" ]; then
  echo "$bin"
  exit 0
fi

# Downloads survive a break; everything else is made anew in a folder that is renamed when whole.
downloads=$cache/downloads-$version
rm -rf "$cache"/toolchain-making-* # left by a break that ran no trap
work=$(mktemp -d "$cache/toolchain-making-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$downloads/partial" "$work/apt/lists/partial" "$work/apt/parts"

mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' 'Label: Debian' 'Component: main' | cut -d' ' -f1 | head -n 1)
[ -n "$mirror" ] || fail "found no Debian mirror among the machine's package sources; run apt-get update first"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keyring] $mirror trixie main" >"$work/apt/sources.list"
apt=(apt-get -q -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts="$work/apt/parts"
  -o Dir::State::lists="$work/apt/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)

echo "toolchain: fetching Emscripten and Binaryen from Debian 13 (about 0.2 GB, once)" >&2
"${apt[@]}" update >&2 || fail "could not read Debian 13's package list; check the network and run again"
(cd "$downloads" && "${apt[@]}" download emscripten binaryen node-acorn libc6 libstdc++6 libgcc-s1 >&2) ||
  fail "could not download Debian 13's packages; check the network and run again, what is there already is kept"

echo "toolchain: unpacking" >&2
for deb in "$downloads"/*.deb; do dpkg-deb -x "$deb" "$work/root"; done

# Binaryen's programs need Debian 13's libc: each is called through that libc's loader.
mkdir -p "$work/binaryen/bin"
for program in "$work"/root/usr/bin/wasm*; do
  name=$(basename "$program")
  cat >"$work/binaryen/bin/$name" <<WRAPPER
#!/bin/sh
root=$home/root
exec "\$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "\$root/usr/lib/x86_64-linux-gnu" "\$root/usr/bin/$name" "\$@"
WRAPPER
  chmod +x "$work/binaryen/bin/$name"
done

emscripten=$work/root$folder
# Variants of the system libraries that byteflow never links, and Emscripten's own tests.
rm -rf "$emscripten/test"
find "$emscripten/cache/sysroot/lib" -mindepth 1 -maxdepth 1 -name 'wasm64*' -exec rm -rf {} +
find "$emscripten/cache/sysroot/lib/wasm32-emscripten" \( -name '*pic' -o -name lto -o -name '*-debug*' -o -name '*-mt*' -o -name '*-ww*' -o -name '*-asan*' \) -prune -exec rm -rf {} +

# emcc's JavaScript optimizer imports acorn from the folders above it.
mkdir -p "$emscripten/node_modules"
ln -s ../../nodejs/acorn "$emscripten/node_modules/acorn"

# The configuration lies where emcc looks by itself, since CMake calls em++ without our environment.
cat >"$emscripten/.emscripten" <<CONFIG
import shutil
LLVM_ROOT = '/usr/bin'
LLVM_ADD_VERSION = '19'
CLANG_ADD_VERSION = '19'
BINARYEN_ROOT = '$home/binaryen'
CACHE = '$home/root$folder/cache'
FROZEN_CACHE = True
NODE_JS = shutil.which('node')
CONFIG

rm -rf "$home" # an older attempt that lacks emcc
chmod 755 "$work"
mv "$work" "$home"
trap - EXIT
"$bin/emcc" --version >/dev/null 2>&1 || fail "the toolchain in $home does not start; run $bin/emcc --version to see why"
rm -rf "$downloads"
echo "$bin"
