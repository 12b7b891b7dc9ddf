# Builds for 64-bit Arm on another processor, and runs the tests in an emulator. Debian's cross
# compiler looks for headers in /usr/include after its own, so the header-only dependencies are this
# machine's.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)

# This machine's is of no use there.
set(CMAKE_DISABLE_FIND_PACKAGE_Torch ON)
