#!/bin/sh
# Runs the HTTP clients of trainers, unmodified, against a service that has the set "humaneval" loaded.
# usage: run.sh <folder with checkouts> <service URL>
# Each checkout is a folder with the name of its repository; those that are not there are left out.
# Needs /usr/bin/python3 with aiohttp, requests, pydantic, tenacity and pytest (or another one, by PYTHON).
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
url=$2
python=${PYTHON:-/usr/bin/python3}
export PYTHONDONTWRITEBYTECODE=1
status=0
try() {
  checkout=$folder/$1
  shift
  if [ -d "$checkout" ]; then "$@" "$checkout" "$url" || status=1; else echo "$checkout: not there"; fi
}
try SandboxFusion "$python" "$here/sandbox-fusion-sdk.py"
try ScaleBox "$python" "$here/scalebox.py"
try OpenRLHF "$python" "$here/openrlhf-remote-rm.py"
try slime "$python" "$here/slime-remote-rm.py"
try open-instruct "$python" "$here/open-instruct.py"
try verl "$python" "$here/verl-score.py"
try verl "$here/verl.sh"
try pyston "$python" "$here/pyston.py"
try open-r1 "$python" "$here/open-r1-piston.py"
try judge0api "$python" "$here/judge0api.py"
# It needs httpx and pydantic 2, which Debian 12 has not.
try judge0-python "${PYTHON_WITH_HTTPX:-$python}" "$here/judge0-sdk.py"
exit $status
