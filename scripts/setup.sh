#!/bin/sh
# Makes a checkout ready to build, run and test assay: npm packages; bubblewrap, Python with its libraries and compilers from
# the system's packages.
# Does nothing where all is there. Exits 1, with the line to run, when something needed cannot be had.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
give_up() { say "$@"; exit 1; }

# Installs Debian packages. The lists of a fresh machine are empty or old, so they are fetched when the first try fails.
install() {
  say "installing $* (apt-get)"
  apt_get install "$@" >/dev/null 2>&1 || { apt_get update >/dev/null && apt_get install "$@" >/dev/null; }
}

apt_get() {
  verb=$1
  shift
  set -- apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=60 -o Acquire::http::Timeout=20 "$verb" "$@"
  set -- env DEBIAN_FRONTEND=noninteractive "$@"
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Whether packages can be installed without asking anybody for a password.
may_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

[ -x "$(command -v node)" ] || give_up "Node.js 20 or later is needed: https://nodejs.org"
node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' ||
  give_up "Node.js 20 or later is needed, this is $(node --version)"

# Cells run this very interpreter: others on the path are of no use inside them.
needed=
command -v bwrap >/dev/null || needed="$needed bubblewrap"
[ -x /usr/bin/python3 ] || needed="$needed python3"
if [ -n "$needed" ]; then
  how="apt-get install -y --no-install-recommends$needed"
  may_install || give_up "needed and not there:$needed. Run as root: apt-get update && $how"
  # shellcheck disable=SC2086 # one word for each package
  install $needed || give_up "could not be installed:$needed. To see why, run as root: apt-get update && $how"
fi

if [ ! -e /usr/lib/python3/dist-packages/numpy/__init__.py ]; then
  if ! may_install || ! install python3-numpy; then
    say "note: without python3-numpy programs that import numpy fail. To get it, run as root:" \
      "apt-get install -y --no-install-recommends python3-numpy"
  fi
fi

libraries=
[ -e /usr/lib/python3/dist-packages/sympy/__init__.py ] || libraries="$libraries python3-sympy"
[ -e /usr/lib/python3/dist-packages/pylatexenc/__init__.py ] || libraries="$libraries python3-pylatexenc"
if [ -n "$libraries" ]; then
  # shellcheck disable=SC2086 # one word for each package
  if ! may_install || ! install $libraries; then
    say "note: without$libraries answers to questions are compared without the symbolic check. To get it, run as root:" \
      "apt-get install -y --no-install-recommends$libraries"
  fi
fi

# Toolchains of the languages that are always tested; `assay doctor` says how the others are had.
toolchains=
want() { [ -x "$1" ] || toolchains="$toolchains $2"; }
want /usr/bin/gcc "gcc libc6-dev"
want /usr/bin/g++ g++
want /usr/bin/javac default-jdk-headless
want /usr/bin/lua5.4 lua5.4
want /usr/bin/make make
want /usr/bin/perl perl
want /usr/bin/php php-cli
want /usr/bin/ruby ruby
want /usr/bin/rustc rustc
if [ -n "$toolchains" ]; then
  # shellcheck disable=SC2086 # one word for each package
  if ! may_install || ! install $toolchains; then
    say "note: programs in some languages cannot be run. To have them, run as root:" \
      "apt-get install -y --no-install-recommends$toolchains"
  fi
fi

# After the compilers: isolated-vm is built with them.
# npm writes that file last, so it is older than the lock file when an install is outdated or was broken off.
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ -n "$(find package-lock.json -newer "$installed")" ]; then
  say "installing npm packages (npm ci); isolated-vm among them is built from source where there is no binary for this" \
    "Node, which takes some two minutes and needs g++, make and python3; without them it is left out"
  # Headers that came with Node need not be downloaded.
  prefix=$(dirname "$(dirname "$(command -v node)")")
  [ ! -e "$prefix/include/node/node.h" ] || export npm_config_nodedir="$prefix"
  npm ci --include=dev --no-audit --no-fund --loglevel=error >&2
fi

# Each cell for JavaScript gets a copy of the add-on for isolates, most of which is for debuggers.
addon=node_modules/isolated-vm/out/isolated_vm.node
if [ -e "$addon" ]; then
  if command -v strip >/dev/null; then strip --strip-unneeded "$addon"; fi
else
  say "note: isolated-vm could not be built: each JavaScript function problem gets a process of its own. To have isolates," \
    "with g++, make and python3: npm install --no-save isolated-vm@5 (6 for Node 23, 7 from Node 24 on)"
fi

say "ready"
