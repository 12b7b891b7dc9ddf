#!/usr/bin/env bash
# Tunes a small DistilBERT between four clients by adapters alone (FedLoRA), with a teacher beside them
# (FedKD-LoRA), and by few-bit sketches of the adapters (Ferret), from the same weights and on the same
# sentences, and prints what each of them moved, took and reached. Nothing is downloaded but missing
# packages.
#   scripts/kd_lora_demo.sh [FOLDER]    where the runs go (default: build/kd_lora_demo, made anew)
set -euo pipefail
cd "$(dirname "$0")/.."
runs="${1:-}"

scripts/install_dependencies.sh --check || scripts/install_dependencies.sh

cmake --preset release
cmake --build --preset release --target kd_lora
kd_lora=build/release/examples/kd_lora/kd_lora

if [[ -z "$runs" ]]; then
    runs=build/kd_lora_demo
    exec {lock}> "$runs.lock"
    flock --nonblock "$lock" || { echo "kd_lora_demo.sh: another one is at work in $runs" >&2; exit 1; }
    rm -rf "$runs"
fi
mkdir -p "$runs"

embedded="$runs/embedded"
echo
"$kd_lora" run --scheme fedlora --cache "$embedded" --out "$runs/fedlora"
echo
"$kd_lora" run --scheme ferret-lora --bytes 2K --cache "$embedded" --out "$runs/ferret-lora"
echo
# So small a teacher wants a larger rate than BERT.
"$kd_lora" pretrain --teacher "$embedded/teacher" --data "$embedded/data" --lr 1e-3 --out "$runs/teacher"
echo
"$kd_lora" run --scheme fedkd-lora --model "$embedded/student" --teacher "$runs/teacher" \
    --data "$embedded/data" --out "$runs/fedkd-lora"

echo
"$kd_lora" compare "$runs/fedlora" "$runs/fedkd-lora" "$runs/ferret-lora"
