#include <benchmark/benchmark.h>
#include <thrust/device_vector.h>
#include <thrust/tabulate.h>

#include <cstdint>
#include <ferret/backend/cuda.cuh>
#include <ferret/backend/cuda/few_bits.cuh>
#include <string>
#include <vector>

#include "ceilings.hpp"
#include "cuda_bench_model.cuh"

namespace {

constexpr ferret::Rotation rotation{{1, 2}, 3};

/// 2^log2_size coordinates in device memory.
class Coordinates {
public:
    explicit Coordinates(std::int64_t log2_size)
        : count_(std::uint32_t{1} << log2_size),
          chunks_(ferret::cut_into_chunks({&count_, 1})),
          values_(count_) {
        thrust::tabulate(values_.begin(), values_.end(), BenchValue<float>{});
    }

    ferret::Cuda backend() const { return {.stream = timer_.stream()}; }

    std::vector<std::byte> encode(ferret::CoordinateFormat format) const {
        return ferret::encode_few_bits(values_, chunks_, format, rotation, backend(), "bench");
    }
    void decode(const std::vector<std::byte>& bytes, ferret::CoordinateFormat format) {
        ferret::decode_few_bits(bytes, chunks_, format, rotation, backend(), "bench", values_);
    }

    /// Queues the kernel of `encode`, and nothing else.
    template <unsigned Bits>
    void queue_encoding(const ferret::cuda::PlacedChunk* chunks, std::uint32_t* words,
                        ferret::cuda::ChunkSums* sums) const {
        ferret::cuda::launch(backend(), chunks_.size(),
                             ferret::cuda::EncodeFewBits<Bits>{
                                 chunks, ferret::cuda::rotation_view(rotation),
                                 thrust::raw_pointer_cast(values_.data()), words, sums});
    }
    template <unsigned Bits>
    void queue_decoding(const ferret::cuda::PlacedChunk* chunks, const std::uint32_t* words) {
        ferret::cuda::launch(
            backend(), chunks_.size(),
            ferret::cuda::DecodeFewBits<Bits>{chunks, ferret::cuda::rotation_view(rotation), words,
                                              thrust::raw_pointer_cast(values_.data())});
    }

    const std::vector<ferret::RotatedChunk>& chunks() const { return chunks_; }
    const StreamTimer& timer() const { return timer_; }

    /// Counts the coordinates as floats, which a decoder has to write and an encoder to read.
    void report(benchmark::State& state) const { count_rate(state, "bytes", 4.0 * count_); }

private:
    std::uint32_t count_;
    std::vector<ferret::RotatedChunk> chunks_;
    thrust::device_vector<float> values_;
    StreamTimer timer_;
};

void encode(benchmark::State& state, ferret::CoordinateFormat format) {
    const Coordinates coordinates(state.range(0));
    coordinates.timer().measure(state,
                                [&] { benchmark::DoNotOptimize(coordinates.encode(format)); });
    coordinates.report(state);
}

void decode(benchmark::State& state, ferret::CoordinateFormat format) {
    Coordinates coordinates(state.range(0));
    const std::vector<std::byte> bytes = coordinates.encode(format);
    coordinates.timer().measure(state, [&] { coordinates.decode(bytes, format); });
    coordinates.report(state);
}

/// The kernels alone, without the message's way to the host and the making of it there.
void run_kernel(benchmark::State& state, ferret::CoordinateFormat format, bool encodes) {
    Coordinates coordinates(state.range(0));
    const ferret::Cuda backend = coordinates.backend();
    const std::vector<std::byte> bytes = coordinates.encode(format);
    std::vector<std::uint32_t> words(bytes.size() / 4);
    ferret::load_little_endian(bytes.data(), words);
    const ferret::cuda::DeviceArray<ferret::cuda::PlacedChunk> placed(
        backend, ferret::cuda::placed_chunks(coordinates.chunks(), format));
    const ferret::cuda::DeviceArray<std::uint32_t> device_words(backend, words);
    const ferret::cuda::DeviceArray<ferret::cuda::ChunkSums> sums(backend,
                                                                  coordinates.chunks().size());
    ferret::cuda::visit_bits(format, [&]<unsigned Bits>(std::integral_constant<unsigned, Bits>) {
        coordinates.timer().measure(state, [&] {
            if (encodes)
                coordinates.queue_encoding<Bits>(placed.data(), device_words.data(), sums.data());
            else
                coordinates.queue_decoding<Bits>(placed.data(), device_words.data());
        });
    });
    coordinates.report(state);
}

}  // namespace

int main(int count, char** arguments) {
    register_cuda_ceilings();
    for (const auto& [name, format] : ferret::coordinate_format_names) {
        if (!ferret::is_rotated(format)) continue;
        for (const bool encodes : {true, false}) {
            const std::string label = (encodes ? "encode/" : "decode/") + std::string(name);
            register_on_gpu("messages/" + label,
                            [encodes, format = format](auto& state) {
                                (encodes ? encode : decode)(state, format);
                            })
                ->ArgName("log2_K")
                ->Arg(26);
            register_on_gpu(
                "kernels/" + label,
                [encodes, format = format](auto& state) { run_kernel(state, format, encodes); })
                ->ArgName("log2_K")
                ->Arg(26);
        }
    }
    return run_cuda_benchmarks(count, arguments);
}
