#!/bin/sh
# Runs verl's own tests of its SandboxFusion client, unmodified, against a service.
# usage: verl.sh <checkout of volcengine/verl> <service URL> [arguments of pytest]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$1" && pwd)
url=$2
shift 2
VERL_CHECKOUT=$checkout SANDBOX_FUSION_URL=$url/run_code PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 \
  "${PYTHON:-/usr/bin/python3}" -m pytest -p verl_packages -p no:cacheprovider --rootdir "$checkout/tests" -q "$@" \
  "$checkout/tests/utils/reward_score/reward_score/test_sandbox_fusion_on_cpu.py"
