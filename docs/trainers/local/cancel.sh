#!/bin/sh
# Ends the trainer with everything that it started.
cd "$ASSAY_FOLDER" || exit 1
kill -TERM -- "-$(cat pid)"
