#!/usr/bin/env bash
# Install the CPU build of PyTorch: torch.sh VERSION PIP...
# The default build for Linux brings several gigabytes of CUDA libraries that a server without a GPU has no use for.
set -euo pipefail
version=$1
shift
if [ -n "${TORCH_INDEX:-}" ]; then
  "$@" install --quiet --index-url "$TORCH_INDEX" "torch==$version"
elif [ "$(uname -s)" != Linux ]; then
  "$@" install --quiet "torch==$version"
elif ! "$@" install --quiet "torch==$version+cpu" 2>/dev/null; then
  # The package index at hand has no CPU build (a mirror may have): PyTorch's own index has.
  "$@" install --quiet --index-url https://download.pytorch.org/whl/cpu "torch==$version"
fi
