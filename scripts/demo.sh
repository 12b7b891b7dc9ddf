#!/usr/bin/env bash
# Tunes a small LLaMA with Ferret and with FedAvg, from the same weights and on the same tasks, and
# prints what each of them moved, took and reached. Nothing is downloaded but missing packages.
#   scripts/demo.sh [FOLDER]    where the runs go (default: build/demo, made anew)
set -euo pipefail
cd "$(dirname "$0")/.."
runs="${1:-}"

scripts/install_dependencies.sh --check || scripts/install_dependencies.sh

cmake --preset release
cmake --build --preset release --target fed_llm
fed_llm=build/release/examples/fed_llm/fed_llm

if [[ -z "$runs" ]]; then
    runs=build/demo
    exec {lock}> "$runs.lock"
    flock --nonblock "$lock" || { echo "demo.sh: another one is at work in $runs" >&2; exit 1; }
    rm -rf "$runs"
fi
mkdir -p "$runs"

for algorithm in ferret fedavg; do
    echo
    "$fed_llm" --algorithm "$algorithm" --cache "$runs/embedded" --out "$runs/$algorithm"
done

echo
"$fed_llm" compare "$runs/ferret" "$runs/fedavg"
