#!/usr/bin/env bash
# The scene under many random kills: every run is killed three times, and nothing in the outcome may change.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/build release programs
python3 tests/scene/killed.py --build build/release --random 60
