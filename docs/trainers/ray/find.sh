#!/bin/sh
# Prints the id if Ray knows a job of that id.
curl -sS --fail -o /dev/null "$RAY_ADDRESS/api/jobs/$1" 2>/dev/null && echo "$1"
exit 0
