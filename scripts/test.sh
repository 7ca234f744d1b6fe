#!/bin/sh
# Everything that must hold before a change goes in. Arguments go to vitest: npm test -- test/metrics.test.ts
set -eu
cd "$(dirname "$0")/.."

step() {
  printf '\n== %s\n' "$1" >&2
  shift
  "$@"
}

sh scripts/setup.sh
step "lint" npx eslint .
step "format" npx prettier --check .
step "types" npm run --silent typecheck
step "build" npm run --silent build
step "tests" npx vitest run "$@"
