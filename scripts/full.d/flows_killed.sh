#!/usr/bin/env bash
# Every flow with the bot killed and started again between any two steps: the outcome is the same.
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake --preset dev >/dev/null
scripts/build dev
ESC_FLOW_KILLED=1 build/dev/tests/flows/test_flows
