#!/bin/sh
# Start the dask scheduler in the foreground. Settings come from CSSERV_* variables; other words
# are handed on: scheduler_start.sh --host 10.0.0.5 --port 8786
set -eu
exec csserv start-scheduler "$@"
