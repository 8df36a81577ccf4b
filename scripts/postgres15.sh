#!/usr/bin/env bash
# scripts/postgres15.sh DIRECTORY: starts an empty PostgreSQL 15 for tests, over a Unix socket only. Prints its DATABASE_URL as the
# last line; its process id is the first line of DIRECTORY/postgres.pid, and SIGINT to it ends it. The programs are Debian's
# (postgresql-15), or those in POSTGRES_BIN. As root it runs as uid 65534; its data lie in a directory of their own that this
# user can reach, wherever DIRECTORY is, and go when it ends.
set -euo pipefail
directory=${1:?usage: scripts/postgres15.sh DIRECTORY}
bin=${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
if [[ ! -x $bin/postgres ]]; then
  echo "there is no $bin/postgres: install postgresql-15 or set POSTGRES_BIN" >&2
  exit 1
fi

data=$(mktemp -d /tmp/tasuki-postgres15.XXXXXX)
trap 'rm -rf "$data"' ERR
as=(env -i PATH=/usr/bin:/bin LC_ALL=C TZ=UTC)
if [[ $(id -u) == 0 ]]; then
  chown 65534:65534 "$data"
  as+=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
cd "$data"
"${as[@]}" "$bin/initdb" -D "$data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions >&2

# Nothing that a test writes has to survive a power failure.
settings="-c listen_addresses= -c unix_socket_directories=$data -c max_connections=200 -c shared_buffers=128MB -c jit=off
  -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
"${as[@]}" "$bin/pg_ctl" -D "$data" -l "$data/postgres.log" -o "${settings//$'\n'/}" -w -t 30 start >&2
pid=$(head -n 1 "$data/postmaster.pid")
echo "$pid" >"$directory/postgres.pid"
setsid sh -c 'while kill -0 "$1"; do sleep 1; done; rm -rf "$2"' sh "$pid" "$data" </dev/null >/dev/null 2>&1 &

env -i "$bin/createdb" --host="$data" --username=postgres tasuki >&2
echo "postgres:///tasuki?user=postgres&host=$data"
