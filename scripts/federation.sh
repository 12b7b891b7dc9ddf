#!/usr/bin/env bash
# A real federation on this machine: a Flower SuperLink and three SuperNodes, with TLS and node keys, tune a small
# language model with FedAvg and with ferret. Prints bytes of the TCP streams, seconds and loss side by side, and
# where the logs are, and ends what it started. Without FERRET_SHARED_DIR, which has a model and data, both are made on the spot.
#   scripts/federation.sh [KEY=VALUE ...]    run-config of examples/flower, such as rounds=6 ferret.bytes=1K
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install_dependencies.sh --check || scripts/install_dependencies.sh

cmake --preset release
cmake --build --preset release --target ferret_python_package

folder=$(mktemp --directory "${TMPDIR:-/tmp}/ferret-federation.XXXXXX")
trap 'kill -TERM "$federation" 2>/dev/null || true; wait "$federation" 2>/dev/null || true' EXIT
PYTHONPATH="$PWD/build/release/python" build/python/bin/python scripts/federation/compare.py "$folder/run" "$@" &
federation=$!
wait "$federation"
