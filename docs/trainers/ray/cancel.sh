#!/bin/sh
curl -sS --fail -X POST "$RAY_ADDRESS/api/jobs/$1/stop"
