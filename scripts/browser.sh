#!/usr/bin/env bash
# Install what browser tests need: Debian's chromium where we may, else Playwright's own.
set -euo pipefail
bin=$1
for name in chromium-headless-shell chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # the one without windows where there is one: it opens a page in two thirds of the time
    apt-get install -qq -y chromium-headless-shell >/dev/null ||
        apt-get install -qq -y chromium >/dev/null
else
    "$bin/python" -m playwright install --only-shell chromium
fi
