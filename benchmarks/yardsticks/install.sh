#!/usr/bin/env bash
# The PostgreSQL that the bench compares with: Debian's, installed when missing. No server is left running.
set -euo pipefail
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null && exit 0
if [ "$(id -u)" != 0 ]; then
  echo "PostgreSQL est nécessaire à cette mesure : sudo apt-get install postgresql" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# The package would start a cluster of its own: the bench makes and stops its own.
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
apt-get install -y -qq --no-install-recommends postgresql >/dev/null
