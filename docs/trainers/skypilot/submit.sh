#!/bin/sh
# Launches a managed job whose name is the tag. /shared stands for storage that assay's machine mounts as well.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sky jobs launch --yes --detach-run --name "$ASSAY_TAG" \
  --env ASSAY_INIT --env ASSAY_DATASET --env ASSAY_OUTPUT --env ASSAY_SEED "$here/train.yaml" >&2
echo "$ASSAY_TAG"
