#!/usr/bin/env bash
# Installs what ferret builds and tests with from Debian's packages, and what Debian has not, Python
# packages of tests/requirements.txt, into build/python. Can be run again at any time.
#   scripts/install_dependencies.sh           install what is missing
#   scripts/install_dependencies.sh --check   only tell (exit 0: everything is there)
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    g++ clang clang-format ninja-build cmake git ca-certificates
    pkgconf                # scripts/compile_time.sh
    libomp-dev             # OpenMP for clang
    libclang-rt-dev        # sanitizers for clang
    g++-aarch64-linux-gnu  # tests: the kernels for 64-bit Arm
    qemu-user              # tests: runs them on other processors
    libeigen3-dev          # tests: adapters for its matrices, 16-bit types
    librandom123-dev       # tests, benchmarks: Philox by its authors
    doctest-dev            # tests
    libthrust-dev libcub-dev  # tests: the GPU backend on the processor
    python3-numpy          # tests: the independent implementation
    python3-torch          # tests: models as transformers has them
    python3-sentencepiece  # tests: tokenizers as transformers has them
    python3-requests python3-yaml  # tests: what transformers imports
    python3-psutil         # tests: what PEFT imports
    python3-dev            # the Python package's extension
    openssl openssh-client # keys and certificates of a federation on the loopback
    python3-pip python3-venv  # tests: the Python packages that Debian has not
    libbenchmark-dev       # benchmarks
    libsodium-dev          # ferret::secure
    libtorch-dev           # models and training in examples/fed_llm
    libopenblas0-pthread   # without it LibTorch falls back to reference BLAS, 40 times slower
    libsentencepiece-dev   # LLaMA tokenizers
    libpcre2-dev           # tokenizer.json: the pre-tokenizers' expressions
    libutf8proc-dev        # tokenizer.json: normalization form C; vocab.txt: form D, categories
    nlohmann-json3-dev     # config.json, metrics, safetensors headers
    libcli11-dev           # command line and config files
    libopenmpi-dev openmpi-bin  # examples/federated: several processes
    python3-matplotlib     # plots
)

missing=()
for package in "${packages[@]}"; do
    if [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]]; then
        missing+=("$package")
    fi
done

# Written last, so that an installation that broke off is made anew.
python=build/python
installed="$python/requirements.txt"
if ! cmp --silent tests/requirements.txt "$installed"; then
    missing+=("$python")
fi

if [[ ${#missing[@]} -eq 0 ]]; then
    echo "ferret: every dependency is installed"
    exit 0
fi
if [[ "${1:-}" == --check ]]; then
    echo "ferret: not installed: ${missing[*]}"
    exit 1
fi

if [[ "${missing[*]}" != "$python" ]]; then
    as_root=()
    if [[ "$(id -u)" -ne 0 ]]; then
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}"
fi

# Debian's own Python, whichever comes first on the path: its NumPy, PyTorch and Matplotlib are seen from here.
/usr/bin/python3 -m venv --clear --system-site-packages "$python"
"$python/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement tests/requirements.txt
cp tests/requirements.txt "$installed"
