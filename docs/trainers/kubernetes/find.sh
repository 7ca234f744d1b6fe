#!/bin/sh
kubectl get job "$1" --ignore-not-found -o 'jsonpath={.metadata.name}'
