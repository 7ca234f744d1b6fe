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
attacks=held
if [ $# -eq 0 ]; then
  # Whoever names test files wants only those.
  attack() { node dist/cli/main.js attack --json >/dev/null; }
  step "attacks" attack || attacks=failed
fi
# Last, so that the last line is the runner's count.
step "tests" npx vitest run "$@"
if [ "$attacks" = failed ]; then
  echo "the attack suite failed, see above" >&2
  exit 1
fi
