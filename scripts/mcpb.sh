#!/usr/bin/env bash
# Builds the MCPB bundle that desktop clients install with a double click: the package as it is published, its dependencies
# and manifest.json in one file, codebase-mcp.mcpb (or $1). Needs npm; writes nothing else into the checkout than dist/.
set -euo pipefail
cd "$(dirname "$0")/.."

bundle=$(realpath -m "${1:-codebase-mcp.mcpb}")
root=$PWD
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

npm pack --silent --pack-destination "$stage" >/dev/null
mkdir "$stage/bundle"
tar -xzf "$stage"/codebase-mcp-*.tgz -C "$stage/bundle" --strip-components=1
cp "$root/manifest.json" "$stage/bundle/"
npm install --prefix "$stage/bundle" --omit=dev --ignore-scripts --no-package-lock --silent
npx --yes --package @anthropic-ai/mcpb@2.1.2 mcpb pack "$stage/bundle" "$bundle"
