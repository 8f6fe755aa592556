#!/bin/sh
# Stop all workers: each finishes what it does. --now does not wait for that.
set -eu
exec csserv stop-all-workers "$@"
