#!/usr/bin/env bash
# Renders auralis.svg in the sizes that windows and bundles ask for. Needs rsvg-convert (librsvg2-bin).
set -euo pipefail
cd "$(dirname "$0")"
for size in 32 128 256 512; do
  rsvg-convert --width "$size" --height "$size" --format png --output "${size}x${size}.png" auralis.svg
done
