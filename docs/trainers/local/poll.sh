#!/bin/sh
# Prints SUCCEEDED, FAILED with the last line of the log, or RUNNING.
cd "$ASSAY_FOLDER" || exit 1
if [ ! -e status ]; then
  kill -0 "$(cat pid)" 2>/dev/null && { echo RUNNING; exit 0; }
  # It may have ended between the two looks.
  [ -e status ] || { echo "FAILED the trainer is gone without an exit status"; exit 0; }
fi
[ "$(cat status)" = 0 ] && { echo SUCCEEDED; exit 0; }
echo "FAILED exit status $(cat status): $(tail -n 1 train.log)"
