#!/bin/sh
# Creates a Job whose name is the tag; the run folder and the weights are on a claim that every pod mounts at ASSAY_MOUNT.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kubectl create -f - >&2 <<YAML
apiVersion: batch/v1
kind: Job
metadata: { name: "$ASSAY_TAG" }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: train
          image: "$TRAINER_IMAGE"
          command: [python, "$here/../trl/train.py", --init, "$ASSAY_INIT", --dataset, "$ASSAY_DATASET", --output, "$ASSAY_OUTPUT", --seed, "$ASSAY_SEED"]
          resources: { limits: { nvidia.com/gpu: 1 } }
          volumeMounts: [{ name: shared, mountPath: "$ASSAY_MOUNT" }]
      volumes: [{ name: shared, persistentVolumeClaim: { claimName: "$ASSAY_CLAIM" } }]
YAML
echo "$ASSAY_TAG"
