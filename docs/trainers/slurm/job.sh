#!/bin/sh
# What runs on the node with the GPU; activate your environment here.
exec python "$1" --init "$ASSAY_INIT" --dataset "$ASSAY_DATASET" --output "$ASSAY_OUTPUT" --seed "$ASSAY_SEED"
