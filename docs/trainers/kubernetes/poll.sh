#!/bin/sh
# Prints COMPLETE, FAILED or RUNNING.
counts=$(kubectl get job "$1" -o 'jsonpath={.status.succeeded}/{.status.failed}') || exit 1
case $counts in
  [1-9]*/*) echo COMPLETE ;;
  */[1-9]*) echo "FAILED see kubectl logs job/$1" ;;
  *) echo RUNNING ;;
esac
