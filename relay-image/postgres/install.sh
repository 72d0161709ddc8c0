#!/bin/sh
# Debian's PostgreSQL into this build stage, without the data folder that its package would make at once.
set -eu
apt-get update
apt-get install -y --no-install-recommends postgresql-common
echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql-15 tzdata
