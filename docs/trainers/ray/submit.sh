#!/bin/sh
# Submits the trainer to a Ray cluster (RAY_ADDRESS, such as http://head:8265). The tag is the submission's id, so a
# second submission of the same attempt is refused by Ray itself.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
curl -sS --fail-with-body -X POST "$RAY_ADDRESS/api/jobs/" -H 'content-type: application/json' -d @- >&2 <<JSON
{
  "submission_id": "$ASSAY_TAG",
  "entrypoint": "python '$here/../trl/train.py' --init '$ASSAY_INIT' --dataset '$ASSAY_DATASET' --output '$ASSAY_OUTPUT' --seed $ASSAY_SEED",
  "entrypoint_num_gpus": ${RAY_GPUS:-1}
}
JSON
echo "$ASSAY_TAG"
