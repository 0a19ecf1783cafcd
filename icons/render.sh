#!/usr/bin/env bash
# Renders the drawings in the sizes that windows, bundles and trays ask for. Needs rsvg-convert (librsvg2-bin).
set -euo pipefail
cd "$(dirname "$0")"
for size in 16 24 32 48 64 128 256 512; do
  rsvg-convert --width "$size" --height "$size" --format png --output "${size}x${size}.png" auralis.svg
done
for state in playing paused stopped; do
  for size in 24 48; do
    rsvg-convert --width "$size" --height "$size" --format png --output "tray/$state-$size.png" "tray/$state.svg"
  done
done
