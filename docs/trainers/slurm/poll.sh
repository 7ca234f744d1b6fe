#!/bin/sh
# Prints the job's state as Slurm has it: PENDING, RUNNING, COMPLETED, FAILED, TIMEOUT …
# A job that the accounting does not know yet is asked for in the queue; where neither answers, nothing is printed.
state=$(sacct -X -n -P -j "$1" -o State 2>/dev/null | head -n 1)
[ -n "$state" ] || state=$(squeue -h -j "$1" -o %T 2>/dev/null | head -n 1)
echo "$state"
