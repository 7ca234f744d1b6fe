#!/bin/sh
# Prints the name if the queue has a job of that name.
sky jobs queue 2>/dev/null | grep -qw -- "$1" && echo "$1"
exit 0
