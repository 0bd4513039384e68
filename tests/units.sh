#!/usr/bin/env bash
# The tests that need no running assistant, two folders at once. Each folder has a PostgreSQL of its own: what one leaves
# behind is in no other's way, whatever the order. Ends with an error when any folder does.
set -euo pipefail
cd "$(dirname "$0")/.."
run() {
  local code=0
  .venv/bin/python -m pytest -q $1 -m "not stack and not browser" || code=$?
  [ "$code" -eq 0 ] || [ "$code" -eq 5 ] || { echo "FAILED: $1"; return 1; } # 5: nothing but stack tests in there
}
export -f run
{
  echo tests/backend/test_*.py
  ls -d tests/backend/*/ tests/*/ | grep -vE '/(__pycache__|artefacts)/$|^tests/(backend|bot|browser|flow)/$'
} | xargs -P "${WORKERS:-2}" -d '\n' -I{} bash -c 'run "$1"' _ {}
