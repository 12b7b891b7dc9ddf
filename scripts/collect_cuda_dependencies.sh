#!/usr/bin/env bash
# Fills a folder with what ferret's GPU tests and benchmarks need beside the CUDA toolkit, for a machine
# that has neither a network nor our Debian packages: CMake finds it through CMAKE_PREFIX_PATH.
#   scripts/collect_cuda_dependencies.sh DIR    DIR: a folder that is new or empty
# Copies from Debian's packages, which scripts/install_dependencies.sh installs.
set -euo pipefail

packages=(libeigen3-dev librandom123-dev doctest-dev libbenchmark-dev nlohmann-json3-dev libcli11-dev
    libutf8proc-dev)
if [[ $# -ne 1 || -z "$1" || "$1" == -* ]]; then
    echo "usage: scripts/collect_cuda_dependencies.sh DIR" >&2
    exit 2
fi
for package in "${packages[@]}"; do
    if ! dpkg-query --show "$package" >/dev/null 2>&1; then
        echo "collect_cuda_dependencies.sh: expected the package $package, which is not installed" >&2
        exit 1
    fi
done
mkdir -p "$1"
folder="$(cd "$1" && pwd)"
if [[ -n "$(ls -A "$folder")" ]]; then
    echo "collect_cuda_dependencies.sh: expected a new or empty folder, got $folder with something in it" >&2
    exit 1
fi
mkdir -p "$folder"/{include/eigen3,lib/cmake,share}

cp -r /usr/include/eigen3/{Eigen,signature_of_eigen3_matrix_library} "$folder/include/eigen3/"
cp -r /usr/share/eigen3 "$folder/share/"
cp -r /usr/include/Random123 "$folder/include/"  # found by cmake/FindRandom123.cmake

cp -r /usr/include/doctest "$folder/include/"
cp -r /usr/lib/cmake/doctest "$folder/lib/cmake/"
# Debian's doctest names its prefix; the other packages find theirs from where they are.
sed -i 's|^set(_IMPORT_PREFIX "/usr")$|get_filename_component(_IMPORT_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)|' \
    "$folder/lib/cmake/doctest/doctestTargets.cmake"

# For fed_round.
cp -r /usr/include/{nlohmann,CLI} "$folder/include/"
mkdir -p "$folder/share/cmake"
cp -r /usr/share/cmake/{nlohmann_json,CLI11} "$folder/share/cmake/"

cp /usr/include/utf8proc.h "$folder/include/"
cp -L /usr/lib/x86_64-linux-gnu/libutf8proc.so "$folder/lib/"

# Google Benchmark as Debian compiled it, not its source: it needs nothing but glibc 2.32 and GCC 12's
# C++ runtime or newer, and so it costs the GPU machine no time.
library=/usr/lib/x86_64-linux-gnu
cp -r /usr/include/benchmark "$folder/include/"
mkdir -p "$folder/lib/x86_64-linux-gnu/cmake"
cp -r "$library/cmake/benchmark" "$folder/lib/x86_64-linux-gnu/cmake/"
cp "$library"/libbenchmark.so.*.* "$library/libbenchmark_main.a" "$folder/lib/x86_64-linux-gnu/"
# The name that programs load it by is a link in Debian; a copy of the folder may lose links.
soname="$(objdump -p "$folder"/lib/x86_64-linux-gnu/libbenchmark.so.*.* | sed -n 's/^ *SONAME *//p')"
cp "$library/$soname" "$folder/lib/x86_64-linux-gnu/$soname"
# CMake looks in lib/x86_64-linux-gnu on Debian and its kin only.
mkdir "$folder/lib/cmake/benchmark"
cp "$library/cmake/benchmark/benchmarkConfigVersion.cmake" "$folder/lib/cmake/benchmark/"
echo 'include("${CMAKE_CURRENT_LIST_DIR}/../../x86_64-linux-gnu/cmake/benchmark/benchmarkConfig.cmake")' \
    >"$folder/lib/cmake/benchmark/benchmarkConfig.cmake"

echo "ferret: $(du -sh "$folder" | cut -f1) of dependencies in $folder"
