#!/usr/bin/env bash
# Moves projects to another PostgreSQL server, each into a database of its own there; a run that was broken off is repeated.
#   DATABASE_URL=… spread.sh SERVER_URL DIRECTORY PROJECT…
# SERVER_URL: any database of that server. DIRECTORY gets a file with the URL of each project's database, for its owner only: the
# registry names the file, and every program that uses the project must find it there. Needs psql and codebase-mcp on the PATH.
set -euo pipefail

[ $# -ge 3 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
base=${1%%\?*}
query=${1#"$base"}
directory=$(cd "$2" && pwd)
admin=$1
shift 2

for project in "$@"; do
  [[ $project =~ ^[a-z0-9-]{1,50}$ ]] || { echo "\"$project\" is not a project id" >&2; exit 2; }
  name=codebase_$project
  there=$(psql -XtA "$admin" -c "SELECT 1 FROM pg_database WHERE datname = '$name'")
  [ -n "$there" ] || psql -Xq "$admin" -c "CREATE DATABASE \"$name\""
  (umask 077 && printf '%s\n' "${base%/*}/$name$query" >"$directory/$project.url")
  codebase-mcp projects move "$project" --to "file:$directory/$project.url"
done
