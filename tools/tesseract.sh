#!/usr/bin/env bash
# Make sure that there is text recognition for the tests of scanned pages: Debian's tesseract, where it may be installed.
set -euo pipefail
if command -v tesseract >/dev/null && tesseract --list-langs 2>/dev/null | grep -qx nor; then exit 0; fi
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends tesseract-ocr tesseract-ocr-nor >/dev/null
elif [ "${CI:-}" = true ]; then
  echo "No tesseract with Norwegian, and it can't be installed: the tests of scanned pages would not run." >&2
  exit 1
else
  echo "No tesseract with Norwegian: the tests of scanned pages are skipped." >&2
  echo "Install it with: sudo apt-get install tesseract-ocr tesseract-ocr-nor" >&2
fi
