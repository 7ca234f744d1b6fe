#!/bin/sh
# Starts the trainer as a process of its own and prints its number; ASSAY_TRAINER may name another command than TRL's.
# The process leaves its exit status in the attempt's folder, so that its end is known even if nobody was looking.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
trainer=${ASSAY_TRAINER:-"python $here/../trl/train.py"}
cd "$ASSAY_FOLDER"
# shellcheck disable=SC2016 # $0 and the rest are the inner shell's
setsid nohup sh -c '
  $0 --init "$ASSAY_INIT" --dataset "$ASSAY_DATASET" --output "$ASSAY_OUTPUT" --seed "$ASSAY_SEED"
  echo $? >status.part; mv status.part status
' "$trainer" >train.log 2>&1 </dev/null &
echo $! >pid
cat pid
