#!/usr/bin/env bash
# Builds the examples against LibTorch 2, without CUDA, and runs their tests. Debian's LibTorch, which
# scripts/test.sh takes, is 1.13.
#   scripts/test_torch2.sh [--torch DIR]
#     --torch DIR    CMake's folder of a LibTorch 2; else that of PyPI's torch, which is installed into
#                    build/torch2-python (5 GB where its wheel has CUDA)
set -euo pipefail

usage() {
    sed -n '4,6s/^# *//p' "$0" >&2
    exit 2
}

torch=""
while [[ $# -gt 0 ]]; do
    [[ $# -ge 2 && "$1" == --torch ]] || usage
    torch="$(realpath "$2")"
    shift 2
done
cd "$(dirname "$0")/.."
build=build/torch2

scripts/install_dependencies.sh --check || scripts/install_dependencies.sh

if [[ -z "$torch" ]]; then
    package=torch==2.11.0
    python=build/torch2-python
    # Written last, so that an installation that broke off is made anew.
    installed="$python/installed"
    if [[ "$(cat "$installed" 2>/dev/null)" != "$package" ]]; then
        /usr/bin/python3 -m venv --clear "$python"
        "$python/bin/pip" install --quiet --disable-pip-version-check "$package"
        echo "$package" >"$installed"
    fi
    torch="$("$python/bin/python3" -c 'import torch; print(torch.utils.cmake_prefix_path)')"
fi
version="$(sed -n 's/^set(PACKAGE_VERSION "\(.*\)")$/\1/p' "$torch/Torch/TorchConfigVersion.cmake" || true)"
if [[ "$version" != 2.* ]]; then
    echo "test_torch2.sh: expected CMake's folder of a LibTorch 2, got $torch" >&2
    exit 1
fi

# Its package looks for its own libraries in the system first, where Debian's are: hence its folder twice.
cmake --fresh --preset release -B "$build" -DFERRET_CUDA=OFF -DFERRET_BUILD_BENCHMARKS=OFF \
    "-DCMAKE_PREFIX_PATH=$torch;$(realpath "$torch/../..")"
cmake --build "$build" --target tests/{files,federated,hugging_face,fed_llm}/all
echo "ferret: the tests of the examples against LibTorch $version"
# Recorded bits are those of Debian's LibTorch: FedIT's matrix products come out with other last bits.
ctest --test-dir "$build" --parallel "${CTEST_PARALLEL_LEVEL:-$(nproc)}" --output-on-failure --no-tests=error \
    --tests-regex '^(files|federated|hugging_face|fed_llm)_' --exclude-regex '^federated_final_weights$'
