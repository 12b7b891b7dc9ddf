#!/usr/bin/env bash
# Tests and benchmarks ferret on a GPU, and prints how it stands to the bars. Needs a GPU and Python;
# PyTorch and compute-sanitizer where they are. Fetches nothing.
#   scripts/test_cuda.sh [--programs DIR] [--dependencies DIR] [--out DIR] [--quick]
#     --programs DIR       what scripts/build_cuda.sh made, here or elsewhere; else it is run first
#     --dependencies DIR   for scripts/build_cuda.sh
#     --out DIR            where the results go (default: build/cuda/results)
#     --quick              under 6 minutes: only the benchmarks that the bars need, fewer repetitions
set -euo pipefail

usage() {
    sed -n '4,8s/^# *//p' "$0" >&2
    exit 2
}

programs=""
dependencies=""
out=""
quick=false
while [[ $# -gt 0 ]]; do
    case "$1" in
        --programs) [[ $# -ge 2 ]] || usage; programs="$(realpath "$2")"; shift 2 ;;
        --dependencies) [[ $# -ge 2 ]] || usage; dependencies="$(realpath "$2")"; shift 2 ;;
        --out) [[ $# -ge 2 ]] || usage; out="$(realpath -m "$2")"; shift 2 ;;
        --quick) quick=true; shift ;;
        *) usage ;;
    esac
done
cd "$(dirname "$0")/.."
out="${out:-$PWD/build/cuda/results}"

if [[ -z "$programs" ]]; then
    programs="$PWD/build/cuda/programs"
    scripts/build_cuda.sh ${dependencies:+--dependencies "$dependencies"} --out "$programs"
elif [[ ! -x "$programs/ferret_cuda_tests" ]]; then
    echo "test_cuda.sh: expected a folder of scripts/build_cuda.sh, got $programs" >&2
    exit 1
fi
toolkit="${CUDA_HOME:-/usr/local/cuda}"
export PATH="$PATH:$toolkit/bin:$toolkit/compute-sanitizer"
export LD_LIBRARY_PATH="$programs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FERRET_GOLDEN_DIR="$PWD/tests/golden"

mkdir -p "$out"
rm -f "$out"/{few_bits,projector,reconstructor,public_code,llama-3b,llama2-7b,llama2-13b}.json \
    "$out"/{device.txt,ratios.md}
nvidia-smi --query-gpu=name,driver_version,clocks.max.sm --format=csv | tee "$out/device.txt" ||
    echo "device.txt is skipped: nvidia-smi does not answer"

# A step that fails does not keep the others from running.
failed=()
step() {
    local name="$1"
    shift
    echo
    echo "== $name, after $SECONDS s"
    "$@" || failed+=("$name")
}

tests="$programs/ferret_cuda_tests"
step tests "$tests"

# The time limit leaves the benchmarks theirs, should a sanitizer be slow.
for tool in memcheck racecheck; do
    tests_of_tool=()
    if [[ "$tool" == racecheck ]]; then  # what these add is more of the same tiles
        tests_of_tool=('--test-case-exclude=*golden*,*segment*')
    fi
    if command -v compute-sanitizer >/dev/null; then
        step "compute-sanitizer $tool" timeout 90 compute-sanitizer --tool "$tool" \
            --error-exitcode 1 "$tests" "${tests_of_tool[@]}"
    else
        echo "compute-sanitizer $tool is skipped: it is not found"
    fi
done

repetitions=5
filter='.'
if $quick; then
    repetitions=3
    filter='^ceiling|^curand|^kernels|^messages|^sparse'
fi
measure() {
    local name="$1"
    "$programs/${name}_cuda_bench" \
        --benchmark_filter="$filter" --benchmark_repetitions="$repetitions" \
        --benchmark_report_aggregates_only=true --benchmark_min_time=0.05 \
        --benchmark_out="$out/$name.json" --benchmark_out_format=json &&
        ! grep -q '"error_occurred": true' "$out/$name.json"
}
measured=()
for name in few_bits projector reconstructor; do
    step "${name}_cuda_bench" measure "$name"
    measured+=("$out/$name.json")
done
torch="$(python3 -c 'import torch; print(torch.__path__[0])' 2>/dev/null || true)"
if [[ -n "$torch" ]]; then
    step public_code.py python3 bench/cuda/public_code.py --repetitions "$repetitions" \
        --out "$out/public_code.json"
    measured+=("$out/public_code.json")
else
    echo "public_code.py is skipped: python3 has no torch"
fi
ratios() {
    python3 scripts/cuda_ratios.py "$@" | tee "$out/ratios.md"
}
step ratios ratios "${measured[@]}"

# Rounds at the paper's sizes, with python3's LibTorch and the libraries that lie beside it.
federated_round() {
    local libraries
    libraries="$torch/lib:$(find "$torch/../nvidia" -maxdepth 2 -name lib 2>/dev/null | paste -sd:)"
    LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$libraries" "$programs/fed_round" --device cuda \
        --dtype bfloat16 --shape "$1" --zeroth-order-share 0.02 --out "$out/$1.json"
}
if [[ ! -x "$programs/fed_round" ]]; then
    echo "fed_round is skipped: it was built without LibTorch"
elif [[ -z "$torch" ]]; then
    echo "fed_round is skipped: python3 has no torch"
else
    for shape in llama-3b llama2-7b llama2-13b; do
        step "fed_round $shape" federated_round "$shape"
    done
fi

echo
if [[ ${#failed[@]} -gt 0 ]]; then
    printf 'ferret: failed: %s\n' "${failed[@]}"
    exit 1
fi
echo "ferret: tests passed; the results are in $out"
