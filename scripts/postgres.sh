#!/usr/bin/env bash
# A PostgreSQL 17 with pgvector for the tests, from Debian trixie's packages, in a folder of its own: nothing is installed into
# the system, and the server runs as an unprivileged user (nobody, when the caller is root). Needs apt-get and dpkg-deb.
#   postgres.sh start [PORT]  install, create and start what is missing; the last line is DATABASE_URL=postgres://…
#   postgres.sh standby PRIMARY_URL [PORT]  the same as a streaming standby of another server, in a folder of its own
#   postgres.sh stop | status | wipe   wipe also removes the data
#   postgres.sh psql ARGS…    the client
# PGBOX: the folder (default: codebase-mcp-postgres in the temporary directory). DEBIAN_MIRROR: default from the apt sources.
set -euo pipefail

mode=${1:-start}
port=${2:-54317}
primary=
if [ "$mode" = standby ]; then
  primary=${2:?the URL of the primary}
  port=${3:-54318}
fi
box=${PGBOX:-${TMPDIR:-/tmp}/codebase-mcp-postgres}
root=$box/root
data=$box/data
log=$box/server.log
major=17
bin=$root/usr/lib/postgresql/$major/bin
installed=$box/installed-trixie-$major
nobody=65534

main() {
  case $mode in
    start) install_packages && start_server && echo "DATABASE_URL=$(url)" ;;
    standby) install_packages && copy_primary && start_server && echo "DATABASE_URL=$(url)" ;;
    stop) stop_server && echo stopped ;;
    status) if running; then echo "running: $(url)"; else echo "not running" >&2; exit 3; fi ;;
    wipe) stop_server && rm -rf "$data" && echo wiped ;;
    psql) shift; exec "$(client)" "$@" ;;
    *) sed -n '2,8s/^# //p' "$0" >&2; exit 2 ;;
  esac
}

url() { echo "postgres://postgres@127.0.0.1:$(sed -n 4p "$data/postmaster.pid")/postgres"; }

client() { [ -x "$bin/psql" ] && echo "$bin/psql" || command -v psql; }

install_packages() {
  [ ! -e "$installed" ] || return 0
  rm -rf "$root" "$box/apt"
  mkdir -p "$root" "$box"/apt/{etc/{sources.list.d,preferences.d,apt.conf.d},state/lists/partial,cache/archives/partial}
  download_packages
  unpack_packages
  wrap_binaries
  chmod 755 "$box" "$root"
  rm -rf "$box/apt"
  touch "$installed"
}

# apt with lists, state and cache of its own; an empty status file makes it fetch every dependency, libc included.
download_packages() {
  local from=${DEBIAN_MIRROR:-$(mirror)}
  [ -n "$from" ] || { echo "apt's sources name no Debian mirror; set DEBIAN_MIRROR to one" >&2; exit 1; }
  : >"$box/apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $from trixie main" >"$box/apt/etc/sources.list"
  cat >"$box/apt/apt.conf" <<EOF
Dir::State "$box/apt/state"; Dir::State::status "$box/apt/status"; Dir::Cache "$box/apt/cache"; Dir::Etc "$box/apt/etc";
APT::Architecture "$(dpkg --print-architecture)"; APT::Sandbox::User "root"; APT::Install-Recommends "false";
Acquire::Languages "none"; Acquire::Retries "3"; Debug::NoLocking "true";
EOF
  APT_CONFIG=$box/apt/apt.conf apt-get -qq update >&2
  APT_CONFIG=$box/apt/apt.conf apt-get -qq -y --download-only install "postgresql-$major-pgvector" >&2
}

mirror() {
  { cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } |
    sed -nE 's#^(URIs:|deb( \[[^]]*\])?) +([^ ]*/debian/?)( .*)?$#\3#p' | head -1
}

# What a server with pgvector never loads is left out: 400 MB of LLVM and Perl.
unpack_packages() {
  local package
  for package in "$box"/apt/cache/archives/*.deb; do
    case ${package##*/} in
      perl* | libperl* | *-perl_* | libllvm* | libz3* | postgresql-$major-jit* | postgresql-common* | locales_* | libc-l10n* | debconf* | ucf_* | procps* | openssl_*) ;;
      *) dpkg-deb -x "$package" "$root" ;;
    esac
  done
}

# The binaries want trixie's libc: each is started through trixie's own loader, so an older system's is not touched.
wrap_binaries() {
  local loader libraries binary
  loader=$(find "$root/usr/lib" -type f -name 'ld-linux-*.so.*' | head -1)
  libraries=$(dirname "$(find "$root/usr/lib" -name 'libpq.so.5' | head -1)")
  for binary in "$bin"/*; do
    [ "$(head -c4 "$binary" | tail -c3)" = ELF ] || continue
    mv "$binary" "$binary.elf"
    printf '#!/bin/sh\nexec "%s" --library-path "%s" --argv0 "%s" "%s" "$@"\n' "$loader" "$libraries" "$binary" "$binary.elf" >"$binary"
    chmod 755 "$binary"
  done
}

# -R makes it follow the primary from now on; roles need REPLICATION, and pg_hba.conf a line for it.
copy_primary() {
  [ ! -e "$data/PG_VERSION" ] || return 0
  own_files
  chmod 700 "$data"
  unprivileged "$bin/pg_basebackup" -d "$primary" -D "$data" -R -X stream -c fast --no-sync >"$box/basebackup.log" 2>&1 || fail "$box/basebackup.log"
}

start_server() {
  running && return 0
  own_files
  [ -e "$data/PG_VERSION" ] || unprivileged "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C \
    --locale-provider=builtin --builtin-locale=C.UTF-8 --no-sync --no-instructions >"$box/initdb.log" 2>&1 || fail "$box/initdb.log"
  local attempt options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c jit=off -c timezone=UTC"
  for attempt in 1 2 3 4 5 6; do # a server that was killed leaves children that need a moment to notice
    unprivileged "$bin/pg_ctl" -D "$data" -l "$log" -w -t 60 -s -o "$options" start 2>>"$box/start.log" && return 0
    sleep "$attempt"
  done
  fail "$log"
}

own_files() {
  mkdir -p "$data"
  : >>"$log"
  [ "$(id -u)" != 0 ] || chown -R "$nobody:$nobody" "$data" "$log"
}

unprivileged() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=$nobody --regid=$nobody --clear-groups -- env HOME=/tmp LC_ALL=C "$@"
  else
    env LC_ALL=C "$@"
  fi
}

running() {
  local pid
  pid=$(head -1 "$data/postmaster.pid" 2>/dev/null) && [ -n "$pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q -- "$data"
}

stop_server() {
  running || return 0
  local pid attempt
  pid=$(head -1 "$data/postmaster.pid")
  kill -INT "$pid"
  for attempt in $(seq 600); do # it writes what it holds to disk first
    [ -d "/proc/$pid" ] || return 0
    sleep 0.1
  done
  echo "process $pid is still running after 60 s" >&2
  exit 1
}

fail() {
  tail -20 "$1" >&2
  exit 1
}

main "$@"
