#!/bin/sh
# Stop all workers: each finishes what it does. --timeout 600 waits no longer; --now not at all.
set -eu
exec csserv stop-all-workers "$@"
