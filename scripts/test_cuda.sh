#!/usr/bin/env bash
# Builds, tests and benchmarks ferret on a GPU, and prints how it stands to the bars. Needs a GPU, the
# CUDA toolkit, CMake and Python; PyTorch and compute-sanitizer where they are. Fetches nothing.
#   scripts/test_cuda.sh [--dependencies DIR] [--out DIR] [--quick]
#     --dependencies DIR   what scripts/collect_cuda_dependencies.sh filled; else what is installed
#     --out DIR            where the results go (default: build/cuda/results)
#     --quick              no sanitizer, no fed_round, and only the benchmarks that the bars need
set -euo pipefail

usage() {
    sed -n '4,7s/^# *//p' "$0" >&2
    exit 2
}

dependencies=""
out=""
quick=false
while [[ $# -gt 0 ]]; do
    case "$1" in
        --dependencies) [[ $# -ge 2 ]] || usage; dependencies="$(realpath "$2")"; shift 2 ;;
        --out) [[ $# -ge 2 ]] || usage; out="$(realpath -m "$2")"; shift 2 ;;
        --quick) quick=true; shift ;;
        *) usage ;;
    esac
done
cd "$(dirname "$0")/.."
build="$PWD/build/cuda"
out="${out:-$build/results}"

if [[ -n "$dependencies" && ! -d "$dependencies" ]]; then
    echo "test_cuda.sh: expected a folder of dependencies, got $dependencies" >&2
    exit 1
fi
toolkit="${CUDA_HOME:-/usr/local/cuda}"
export PATH="$PATH:$toolkit/bin"
if ! command -v nvcc >/dev/null; then
    echo "test_cuda.sh: expected nvcc on PATH or in $toolkit/bin, got none" >&2
    exit 1
fi

configure=(
    cmake -S . -B "$build"
    -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_CUDA_ARCHITECTURES=native
    -DFERRET_CUDA=ON
    -DFERRET_BUILD_TESTS=ON
    -DFERRET_BUILD_BENCHMARKS=ON
    -DFERRET_BUILD_EXAMPLES=OFF
)
if [[ -n "$dependencies" ]]; then
    configure+=("-DCMAKE_PREFIX_PATH=$dependencies")
fi
if [[ ! -f "$build/CMakeCache.txt" ]] && command -v ninja >/dev/null; then
    configure+=(-G Ninja)
fi
"${configure[@]}"
cmake --build "$build" --parallel "$(nproc)" \
    --target ferret_cuda_tests projector_cuda_bench reconstructor_cuda_bench

mkdir -p "$out"
rm -f "$out"/{projector,reconstructor,public_code}.json "$out"/{device.txt,ratios.md}
nvidia-smi --query-gpu=name,driver_version,clocks.max.sm --format=csv | tee "$out/device.txt" ||
    echo "device.txt is skipped: nvidia-smi does not answer"

# A step that fails does not keep the others from running.
failed=()
step() {
    local name="$1"
    shift
    echo
    echo "== $name"
    "$@" || failed+=("$name")
}

tests="$build/tests/cuda/ferret_cuda_tests"
step tests "$tests"

# The time limit leaves the benchmarks theirs, should a sanitizer be slow.
sanitizer="$(command -v compute-sanitizer || true)"
if [[ -z "$sanitizer" && -x "$toolkit/compute-sanitizer/compute-sanitizer" ]]; then
    sanitizer="$toolkit/compute-sanitizer/compute-sanitizer"
fi
for tool in memcheck racecheck; do
    tests_of_tool=()
    if [[ "$tool" == racecheck ]]; then  # what these add is more of the same tiles
        tests_of_tool=('--test-case-exclude=*golden*,*segment*')
    fi
    if $quick; then
        echo "compute-sanitizer $tool is skipped: --quick"
    elif [[ -z "$sanitizer" ]]; then
        echo "compute-sanitizer $tool is skipped: it is not found"
    else
        step "compute-sanitizer $tool" timeout 180 "$sanitizer" --tool "$tool" --error-exitcode 1 \
            "$tests" "${tests_of_tool[@]}"
    fi
done

repetitions=5
filter='.'
if $quick; then
    repetitions=3
    filter='^ceiling|^curand|^kernels|^sparse'
fi
measure() {
    local name="$1"
    "$build/bench/cuda/${name}_cuda_bench" \
        --benchmark_filter="$filter" --benchmark_repetitions="$repetitions" \
        --benchmark_report_aggregates_only=true --benchmark_min_time=0.05 \
        --benchmark_out="$out/$name.json" --benchmark_out_format=json &&
        ! grep -q '"error_occurred": true' "$out/$name.json"
}
measured=()
for name in projector reconstructor; do
    step "${name}_cuda_bench" measure "$name"
    measured+=("$out/$name.json")
done
if python3 -c 'import torch' 2>/dev/null; then
    step public_code.py python3 bench/cuda/public_code.py --repetitions "$repetitions" \
        --out "$out/public_code.json"
    measured+=("$out/public_code.json")
else
    echo "public_code.py is skipped: python3 has no torch"
fi

# Rounds at the paper's sizes, in a build of their own with PyTorch's LibTorch.
federated_rounds() {
    local torch="$1" shape
    cmake -S . -B "$build-torch" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CUDA_ARCHITECTURES=native \
        -DFERRET_BUILD_TESTS=OFF -DFERRET_BUILD_EXAMPLES=OFF \
        "-DCMAKE_PREFIX_PATH=$torch;$dependencies" &&
        cmake --build "$build-torch" --parallel "$(nproc)" --target fed_round || return 1
    for shape in llama-3b llama2-7b llama2-13b; do
        "$build-torch/bench/fed_round/fed_round" --device cuda --dtype bfloat16 --shape "$shape" \
            --zeroth-order-share 0.02 --out "$out/$shape.json" || return 1
    done
}
torch="$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)' 2>/dev/null || true)"
if $quick; then
    echo "fed_round is skipped: --quick"
elif [[ -z "$torch" ]]; then
    echo "fed_round is skipped: python3 has no torch"
else
    step fed_round federated_rounds "$torch"
fi

ratios() {
    python3 scripts/cuda_ratios.py "$@" | tee "$out/ratios.md"
}
step ratios ratios "${measured[@]}"

echo
if [[ ${#failed[@]} -gt 0 ]]; then
    printf 'ferret: failed: %s\n' "${failed[@]}"
    exit 1
fi
echo "ferret: tests passed; the results are in $out"
