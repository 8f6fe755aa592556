#!/bin/sh
# Start one worker in the foreground: workers_start_one.sh [--scheduler tls://10.0.0.5:8786 …]
# It ends when its scheduler does; let systemd, compose or a loop start it again.
set -eu
exec csserv start-worker "$@"
