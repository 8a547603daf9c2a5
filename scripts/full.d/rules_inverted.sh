#!/usr/bin/env bash
# Every rule turned around, one at a time: the test that names it must notice.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/check_rules.py --invert
