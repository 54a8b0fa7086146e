#!/usr/bin/env bash
# A real TimescaleDB Community server for the tests where no container engine runs (Debian packages the Apache edition only): builds
# it from source in about two minutes, starts it on 127.0.0.1 and prints the variable that the tests read.
#
#   scripts/timescaledb-community.sh [work directory] [port]      (/tmp/felinar-community, 5499)
#
# Needs, on Debian or Ubuntu: apt-get install cmake make gcc git libssl-dev libkrb5-dev postgresql-server-dev-all postgresql
# SOURCE names another git repository to take the source from, VERSION another version. As root the server runs as `postgres`.
# Stop it: pg_ctl -D <work directory>/data stop, as the same user.
set -euo pipefail
work=${1:-/tmp/felinar-community}
port=${2:-5499}
source=${SOURCE:-https://github.com/timescale/timescaledb.git}
version=${VERSION:-2.19.3}
bin=$(pg_config --bindir)
as_server() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
log() { echo "$@" >&2; }

mkdir -p "$work"
if [ ! -f "$(pg_config --pkglibdir)/timescaledb-tsl-$version.so" ]; then
  log "Building TimescaleDB $version, Community edition, for $(pg_config --version) …"
  [ -d "$work/source" ] || git -c advice.detachedHead=false clone --quiet --depth 1 --branch "$version" "$source" "$work/source"
  (
    cd "$work/source"
    nice cmake -S . -B build -DCMAKE_BUILD_TYPE=Release -DREGRESS_CHECKS=OFF -DTAP_CHECKS=OFF -DWARNINGS_AS_ERRORS=OFF
    nice make -C build
    if [ -w "$(pg_config --pkglibdir)" ]; then make -C build install; else sudo make -C build install; fi
  ) >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log" >&2; exit 1; }
fi

data=$work/data
if [ ! -d "$data" ]; then
  mkdir -p "$data"
  if [ "$(id -u)" = 0 ]; then chown postgres "$data"; fi
  as_server "$bin/initdb" -D "$data" -U felinar -A trust -E UTF8 --locale=C.UTF-8 >"$work/initdb.log"
  # What the servers of libs/services have, too; the tests lose nothing when the machine loses power.
  as_server tee -a "$data/postgresql.conf" >/dev/null <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_preload_libraries = 'timescaledb'
timescaledb.telemetry_level = 'off'
max_worker_processes = 32
max_connections = 200
max_wal_size = '2GB'
shared_buffers = '256MB'
fsync = off
full_page_writes = off
jit = off
timezone = 'UTC'
SETTINGS
fi
as_server "$bin/pg_ctl" -D "$data" status >/dev/null || as_server "$bin/pg_ctl" -D "$data" -o "-p $port" -l "$data/server.log" -w start >&2
echo "export FELINAR_TEST_COMMUNITY_DATABASE_URL=postgres://felinar@127.0.0.1:$port/postgres"
