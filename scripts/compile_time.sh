#!/usr/bin/env bash
# What ferret costs in compile time: processor seconds of a source that projects and rebuilds
# (examples/quickstart/quickstart.cpp), and of one that only includes it, over those of a program with
# Eigen's JacobiSVD, with -O2. Every source is compiled in turn, repetitions times; the medians are shown.
# usage: scripts/compile_time.sh [--include FOLDER] [--repetitions N] [compiler...]
set -euo pipefail
cd "$(dirname "$0")/.."

include=include
repetitions=5
compilers=()
while (($#)); do
    case "$1" in
        --include) include="$2"; shift 2 ;;
        --repetitions) repetitions="$2"; shift 2 ;;
        -*) echo "compile_time.sh: expected --include, --repetitions or compilers, got $1" >&2; exit 2 ;;
        *) compilers+=("$1"); shift ;;
    esac
done
((${#compilers[@]})) || compilers=(g++ clang++)

eigen=$(pkg-config --cflags eigen3 | sed 's/-I/-isystem /')
object=$(mktemp --suffix=.o)
trap 'rm -f "$object"' EXIT

# Processor seconds, the compiler's and the system's.
seconds() {
    local TIMEFORMAT='%U %S'
    { time "$@" -c -o "$object"; } 2>&1 | awk '{ print $1 + $2 }'
}

median() { sort -n | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'; }

names=(jacobi_svd include use include_compiled use_compiled)
declare -A sources=(
    [jacobi_svd]=bench/compile_time/jacobi_svd.cpp
    [include]=bench/compile_time/include.cpp
    [use]=examples/quickstart/quickstart.cpp
    [include_compiled]="bench/compile_time/include.cpp -DFERRET_COMPILED"
    [use_compiled]="examples/quickstart/quickstart.cpp -DFERRET_COMPILED")

printf '%-10s %10s %18s %18s %18s %18s\n' compiler "JacobiSVD" "include" "use" \
    "include, compiled" "use, compiled"
for compiler in "${compilers[@]}"; do
    declare -A measured=()
    for ((i = 0; i < repetitions; ++i)); do
        for name in "${names[@]}"; do
            # shellcheck disable=SC2086
            measured[$name]+="$(seconds "$compiler" -std=c++20 -O2 -fopenmp $eigen -I"$include" ${sources[$name]}) "
        done
    done
    declare -A medians=()
    for name in "${names[@]}"; do medians[$name]=$(tr ' ' '\n' <<<"${measured[$name]% }" | median); done
    printf '%-10s %8.2f s' "$compiler" "${medians[jacobi_svd]}"
    for name in "${names[@]:1}"; do
        awk -v a="${medians[$name]}" -v b="${medians[jacobi_svd]}" 'BEGIN { printf " %8.2f s, %6.3f", a, a / b }'
    done
    echo
done
