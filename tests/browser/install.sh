#!/usr/bin/env bash
# The browser the page tests drive: Debian's Chromium, installed when missing. Nothing else is downloaded.
set -euo pipefail
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" != 0 ]; then
  echo "Chromium est nécessaire aux tests des pages : sudo apt-get install chromium" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
