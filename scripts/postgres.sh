#!/usr/bin/env bash
# PostgreSQL 17 + pgvector 0.8 from Debian trixie, run beside a bookworm system without touching it.
#   postgres.sh start [PORT]   install if missing, init if missing, start if not running; last line: DATABASE_URL=...
#   postgres.sh stop           stop the server by the pid in its data folder
#   postgres.sh status | wipe  wipe = stop and remove the data folder (binaries stay)
# PGBOX: where everything lies (default: a folder in the temporary directory). Root is needed only because PostgreSQL refuses to
# run as root: the server runs as uid nobody (or as the caller when the caller is not root).
set -euo pipefail
MODE=${1:-start}; PORT=${2:-${PGPORT:-54317}}
BOX=${PGBOX:-${TMPDIR:-/tmp}/codebase-mcp-postgres}; SUITE=${PGSUITE:-trixie}; MAJOR=${PGMAJOR:-17}
ROOT=$BOX/root; DATA=$BOX/data; LOG=$BOX/server.log; BIN=$ROOT/usr/lib/postgresql/$MAJOR/bin
MIRROR=${DEBIAN_MIRROR:-$( { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null || true; } | awk '/^URIs:.*debian\/?$/{print $2; exit} /^deb /{for(i=2;i<=NF;i++) if($i ~ /debian\/?$/){print $i; exit}}')}

as_pg() { # run as a user PostgreSQL accepts
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups -- env HOME=/tmp LC_ALL=C "$@"
  else env LC_ALL=C "$@"; fi
}
pid() { [ -s "$DATA/postmaster.pid" ] && head -1 "$DATA/postmaster.pid" || true; }
running() { local p; p=$(pid); [ -n "$p" ] && [ -d "/proc/$p" ] && tr '\0' ' ' <"/proc/$p/cmdline" | grep -q -- "$DATA"; }

install_pg() {
  [ -e "$BOX/.installed-$SUITE-$MAJOR" ] && return 0
  local apt=$BOX/apt
  rm -rf "$apt" "$ROOT"
  mkdir -p "$apt"/etc/{sources.list.d,preferences.d,apt.conf.d,trusted.gpg.d} "$apt"/state/lists/partial "$apt"/cache/archives/partial "$ROOT"
  : >"$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR $SUITE main" >"$apt/etc/sources.list"
  cat >"$apt/apt.conf" <<C
Dir::State "$apt/state"; Dir::State::status "$apt/status"; Dir::Cache "$apt/cache"; Dir::Etc "$apt/etc";
APT::Architecture "$(dpkg --print-architecture)"; APT::Sandbox::User "root"; Acquire::Languages "none";
APT::Install-Recommends "false"; Acquire::Retries "3";
C
  export APT_CONFIG=$apt/apt.conf
  apt-get -qq update >&2
  apt-get -qq -y --download-only install "postgresql-$MAJOR-pgvector" >&2
  unset APT_CONFIG
  local d
  for d in "$apt"/cache/archives/*.deb; do
    case ${d##*/} in perl*|libperl*|libllvm*|libz3*|locales_*|libc-l10n*|postgresql-common*|debconf*|ucf_*|procps*|*-perl_*|openssl_*|postgresql-$MAJOR-jit*) continue;; esac
    dpkg-deb -x "$d" "$ROOT"
  done
  rm -rf "$apt/cache" "$apt/state"
  # The binaries want trixie's libc: wrap each in a script that starts it through trixie's own loader.
  local b ld
  ld=$(find "$ROOT/usr/lib" -type f -name 'ld-linux-*.so.*' | head -1)
  [ -n "$ld" ] || { echo "no ld.so in $ROOT" >&2; exit 1; }
  local libs
  libs=$ROOT/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
  for b in "$BIN"/*; do
    [ "$(head -c4 "$b" | tail -c3)" = ELF ] || continue
    mv "$b" "$b.elf"
    printf '#!/bin/sh\nexec "%s" --library-path "%s" --argv0 "%s" "%s" "$@"\n' "$ld" "$libs" "$b" "$b.elf" >"$b"
    chmod 755 "$b"
  done
  chmod 755 "$BOX" "$ROOT"
  touch "$BOX/.installed-$SUITE-$MAJOR"
}

case $MODE in
start)
  mkdir -p "$BOX"; install_pg
  if ! running; then
    [ "$(id -u)" != 0 ] || { mkdir -p "$DATA"; chown -R 65534:65534 "$DATA"; : >>"$LOG"; chown 65534 "$LOG"; }
    if [ ! -e "$DATA/PG_VERSION" ]; then
      as_pg "$BIN/initdb" -D "$DATA" -U postgres -A trust -E UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C --no-sync --no-instructions >"$BOX/initdb.log" 2>&1 || { cat "$BOX/initdb.log" >&2; exit 1; }
    fi
    ok=
    for _ in 1 2 3 4 5 6; do # a server that was killed outright leaves children that need a moment to notice
      if as_pg "$BIN/pg_ctl" -D "$DATA" -l "$LOG" -w -t 60 -s \
        -o "-c listen_addresses=127.0.0.1 -c port=$PORT -c unix_socket_directories='' -c jit=off -c timezone=UTC -c log_timezone=UTC ${PGOPTS:-}" start 2>>"$BOX/start.err"; then ok=1; break; fi
      sleep 1
    done
    [ -n "$ok" ] || { tail -20 "$LOG" >&2; exit 1; }
  fi
  PORT=$(sed -n 4p "$DATA/postmaster.pid")
  echo "DATABASE_URL=postgres://postgres@127.0.0.1:$PORT/postgres" ;;
stop)
  if running; then p=$(pid); kill -INT "$p"; for _ in $(seq 100); do [ -d "/proc/$p" ] || break; sleep 0.1; done; [ ! -d "/proc/$p" ] || { echo "still running: $p" >&2; exit 1; }; fi
  echo stopped ;;
status) if running; then echo "running pid $(pid) port $(sed -n 4p "$DATA/postmaster.pid")"; else echo "not running"; exit 3; fi ;;
wipe) "$0" stop; rm -rf "$DATA"; echo wiped ;;
*) echo "usage: $0 start [PORT] | stop | status | wipe" >&2; exit 2 ;;
esac
