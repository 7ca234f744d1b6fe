#!/bin/sh
# Prints PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED.
curl -sS --fail "$RAY_ADDRESS/api/jobs/$1" | sed -n 's/.*"status": *"\([A-Z]*\)".*/\1/p'
