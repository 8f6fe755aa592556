#!/usr/bin/env bash
# Install what browser tests need: Debian's chromium where we may, else Playwright's own.
set -euo pipefail
bin=$1
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null
else
    "$bin/python" -m playwright install chromium
fi
