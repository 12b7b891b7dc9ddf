#!/usr/bin/env bash
# Builds what scripts/test_cuda.sh runs into one folder that can be carried to the machine with the GPU.
# Needs the CUDA toolkit and CMake, but no GPU.
#   scripts/build_cuda.sh [--dependencies DIR] [--torch DIR] [--architectures LIST] [--out DIR]
#     --dependencies DIR     what scripts/collect_cuda_dependencies.sh filled; else what is installed
#     --torch DIR            CMake's folder of a LibTorch with CUDA, for fed_round; else that of python3's
#                            torch; without either fed_round is left out
#     --architectures LIST   compute capabilities, as CMake takes them (default: native, the GPU here)
#     --out DIR              where the programs go (default: build/cuda/programs)
set -euo pipefail

usage() {
    sed -n '4,9s/^# *//p' "$0" >&2
    exit 2
}

dependencies=""
torch=""
architectures=native
out=""
while [[ $# -gt 0 ]]; do
    [[ $# -ge 2 ]] || usage
    case "$1" in
        --dependencies) dependencies="$(realpath "$2")" ;;
        --torch) torch="$(realpath "$2")" ;;
        --architectures) architectures="$2" ;;
        --out) out="$(realpath -m "$2")" ;;
        *) usage ;;
    esac
    shift 2
done
cd "$(dirname "$0")/.."
build="$PWD/build/cuda"
out="${out:-$build/programs}"

for folder in "$dependencies" "$torch"; do
    if [[ -n "$folder" && ! -d "$folder" ]]; then
        echo "build_cuda.sh: expected a folder, got $folder" >&2
        exit 1
    fi
done
export PATH="$PATH:${CUDA_HOME:-/usr/local/cuda}/bin"
if ! command -v nvcc >/dev/null; then
    echo "build_cuda.sh: expected nvcc on PATH or in CUDA_HOME, got none" >&2
    exit 1
fi
if [[ -z "$torch" ]]; then
    torch="$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)' 2>/dev/null || true)"
fi

# configure FOLDER OPTION...
configure() {
    local folder="$1"
    shift
    local generator=()
    if [[ ! -f "$folder/CMakeCache.txt" ]] && command -v ninja >/dev/null; then
        generator=(-G Ninja)
    fi
    cmake -S . -B "$folder" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release \
        "-DCMAKE_CUDA_ARCHITECTURES=$architectures" -DFERRET_CUDA=ON -DFERRET_BUILD_BENCHMARKS=ON \
        "$@"
}

configure "$build" -DFERRET_BUILD_TESTS=ON -DFERRET_BUILD_EXAMPLES=OFF "-DCMAKE_PREFIX_PATH=$dependencies"
cmake --build "$build" --parallel "$(nproc)" \
    --target ferret_cuda_tests {few_bits,projector,reconstructor}_cuda_bench
mkdir -p "$out"
cp "$build"/tests/cuda/ferret_cuda_tests "$build"/bench/cuda/{few_bits,projector,reconstructor}_cuda_bench \
    "$out"

# In a folder of its own: LibTorch's package changes how all CUDA sources are compiled. It wants to be
# told of an architecture where there is no GPU to ask; ours are compiled for CMAKE_CUDA_ARCHITECTURES.
if [[ -n "$torch" ]]; then
    # Its package looks for its own libraries in the system first, where others may be: hence its folder
    # twice. LibTorch from PyPI leaves the libraries that it needs in folders beside its own.
    beside="$(find "$torch/../../../nvidia" -maxdepth 2 -name lib 2>/dev/null | paste -sd: || true)"
    configure "$build-torch" -DFERRET_BUILD_TESTS=OFF -DFERRET_BUILD_EXAMPLES=ON \
        "-DCMAKE_PREFIX_PATH=$torch;$(realpath "$torch/../..");$dependencies" \
        "-DTORCH_CUDA_ARCH_LIST=${TORCH_CUDA_ARCH_LIST:-9.0}" \
        "-DCMAKE_EXE_LINKER_FLAGS=${beside:+-Wl,-rpath-link,$beside}"
    cmake --build "$build-torch" --parallel "$(nproc)" --target fed_round
    cp "$build-torch/bench/fed_round/fed_round" "$out"
else
    echo "build_cuda.sh: fed_round is left out: there is no LibTorch"
fi

# What the programs need that a machine with a CUDA toolkit may lack, under the names they ask for.
for library in libbenchmark libgomp libutf8proc; do
    ldd "$out"/*_cuda_bench "$out"/ferret_cuda_tests $(ls "$out"/fed_round 2>/dev/null) |
        sed -n "s|.*\($library\.so[^ ]*\) => \(/[^ ]*\) .*|\1 \2|p" | sort -u |
        while read -r name path; do cp -L "$path" "$out/$name"; done
done
echo "ferret: $(du -sh "$out" | cut -f1) of programs in $out"
