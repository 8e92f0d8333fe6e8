#!/usr/bin/env bash
# A PostgreSQL of its own in a folder, for tests: scripts/postgres.sh start|stop|kill FOLDER [PORT]
# `start` makes it if it is not there, listens on 127.0.0.1 only (on a free port if none is given), and prints its URL when it answers.
# Everything is durable (fsync on).
# PostgreSQL does not run as root; then it runs as the user postgres of the Debian package.
set -euo pipefail

[ $# -ge 2 ] || { echo "say: $0 start|stop|kill FOLDER [PORT]" >&2; exit 2; }
verb=$1 folder=$2 port=${3-}
binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$binaries" ] || { echo "PostgreSQL is missing: install Debian's postgresql" >&2; exit 1; }

as_user() {
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups -- env HOME="$folder" "$@"; else "$@"; fi
}

case $verb in
  start)
    if [ ! -f "$folder/cluster/PG_VERSION" ]; then
      mkdir -p "$folder"
      [ "$(id -u)" -ne 0 ] || chown postgres:postgres "$folder"
      as_user "$binaries/initdb" -D "$folder/cluster" -U huixiao -A trust -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log" ||
        { cat "$folder/initdb.log" >&2; exit 1; }
    fi
    while [ -z "$port" ]; do
      port=$((20000 + RANDOM % 12000))
      if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then port=; fi
    done
    as_user "$binaries/pg_ctl" start -w -t 60 -s -D "$folder/cluster" -l "$folder/cluster/log" \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=400 -c shared_buffers=256MB -c max_wal_size=2GB" </dev/null >&2
    echo "postgres://huixiao@127.0.0.1:$port"
    ;;
  stop) as_user "$binaries/pg_ctl" stop -w -t 300 -s -m fast -D "$folder/cluster" ;;
  kill) as_user "$binaries/pg_ctl" stop -s -m immediate -D "$folder/cluster" ;;
  *) echo "no such verb: $verb" >&2; exit 2 ;;
esac
