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
step "lint, format, types" npm run --silent lint
# The types have just been checked.
step "build" npm run --silent build -- --noCheck
attacks=held
if [ $# -eq 0 ]; then
  # Whoever names test files wants only those.
  attack() { node dist/cli/main.js attack --json >/dev/null; }
  step "attacks" attack || attacks=failed
  # Of those in other languages the walls of the run and of the compiler; all of them: assay attack --language all
  languages=
  for one in bash:/usr/bin/bash cpp:/usr/bin/g++ java:/usr/bin/javac perl:/usr/bin/perl rust:/usr/bin/rustc; do
    if [ -x "${one#*:}" ]; then languages="$languages,${one%%:*}"; fi
  done
  some='*-fork-bomb,*-leave-*,*-read-files,*-kill-others,*-exec,*-sleep,*-exit-early,*-find-answer,*-read-users*'
  attack_languages() { node dist/cli/main.js attack --json --language "$languages" --only "$some" >/dev/null; }
  step "attacks in other languages" attack_languages || attacks=failed
fi
# Last, so that the last line is the runner's count.
step "tests" npx vitest run "$@"
if [ "$attacks" = failed ]; then
  echo "the attack suite failed, see above" >&2
  exit 1
fi
