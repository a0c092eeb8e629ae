#!/usr/bin/env bash
# Takes the prebuilt grammars that no bundle has out of their own packages and puts them into grammars/, compressed: installed
# as dependencies these packages would bring 360 MB of sources, and an install step that may want a compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Package, version, file in it, name of the grammar.
while read -r package version file name; do
  archive=$(cd "$work" && npm pack --silent "$package@$version")
  tar -xzf "$work/$archive" -C "$work" "package/$file" package/LICENSE
  node --input-type=module -e '
    import { readFileSync, writeFileSync } from "node:fs";
    import { brotliCompressSync, constants } from "node:zlib";
    const [source, target] = process.argv.slice(1);
    writeFileSync(target, brotliCompressSync(readFileSync(source), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  ' "$work/package/$file" "grammars/$name.wasm.br"
  cp "$work/package/LICENSE" "grammars/$name.license.txt"
done <<'TABLE'
@tree-sitter-grammars/tree-sitter-toml 0.7.0 tree-sitter-toml.wasm toml
tree-sitter-julia 0.23.1 tree-sitter-julia.wasm julia
tree-sitter-objc 3.0.2 tree-sitter-objc.wasm objc
tree-sitter-ocaml 0.24.2 tree-sitter-ocaml.wasm ocaml
tree-sitter-ocaml 0.24.2 tree-sitter-ocaml_interface.wasm ocaml_interface
TABLE
