#!/bin/sh
# Submits the trainer to Slurm and prints the job's number. The job's name is the tag, by which find.sh finds it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sbatch --parsable --job-name "$ASSAY_TAG" --output "$ASSAY_FOLDER/slurm-%j.log" --export ALL \
  ${SLURM_OPTIONS:---gres gpu:1 --cpus-per-task 8 --mem 64G --time 12:00:00} \
  "$here/job.sh" "$here/../trl/train.py" | cut -d ';' -f 1
