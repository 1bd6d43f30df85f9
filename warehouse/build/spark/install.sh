#!/usr/bin/env bash
# The Java that Spark runs on: Debian's, installed when there is none.
set -euo pipefail
[ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ] && exit 0
command -v java >/dev/null && exit 0
if [ "$(id -u)" != 0 ]; then
  echo "Spark a besoin de Java 17 : sudo apt-get install openjdk-17-jre-headless" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null
