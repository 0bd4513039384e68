#!/bin/sh
# Chromium for the browser tests. On Debian and Ubuntu it is installed (as root or with sudo); elsewhere name one by CHROMIUM.
set -eu
if [ -n "${CHROMIUM:-}" ] || [ -x /usr/bin/chromium ]; then exit 0; fi
if ! command -v apt-get >/dev/null; then
    echo "The browser tests need Chromium: install it and set CHROMIUM=<path of the program>." >&2
    exit 1
fi
run=""
[ "$(id -u)" = 0 ] || run="sudo"
$run apt-get update -qq
$run apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
