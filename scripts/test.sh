#!/usr/bin/env bash
# Builds everything and runs every test.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install_dependencies.sh --check || scripts/install_dependencies.sh

cmake --preset release
cmake --build --preset release --target all ferret_golden_generate
ctest --preset release --parallel "$(nproc)"
