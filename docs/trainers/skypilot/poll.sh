#!/bin/sh
# Prints the job's state: PENDING, RUNNING, SUCCEEDED, FAILED, FAILED_SETUP, CANCELLED …
sky jobs queue --refresh 2>/dev/null | awk -v name="$1" '{ for (at = 1; at <= NF; at++) if ($at == name) found = $0 } END { print found }' |
  grep -oE 'PENDING|STARTING|RUNNING|RECOVERING|SUCCEEDED|CANCELL(ING|ED)|FAILED[A-Z_]*' | sed 's/^FAILED_/FAILED /' | tail -n 1
