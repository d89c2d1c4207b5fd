#!/usr/bin/env bash
# Make sure that there is a browser for the browser tests: Debian's chromium, where it may be installed.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
elif [ "${CI:-}" = true ]; then
  echo "No chromium, and it can't be installed: the browser tests would not run." >&2
  exit 1
else
  echo "No chromium: the browser tests are skipped. Install it with: sudo apt-get install chromium" >&2
fi
