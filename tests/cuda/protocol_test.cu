#include "cuda/support/device.hpp"
#include "protocol/federation.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/protocol.cuh>
#include <vector>

// The roles over the device's memory against those over the host's, byte for byte.

using ferret::Cuda;
using ferret::Layout;
using ferret_test::Model;
using ferret_test::on_device;
using ferret_test::on_host;

namespace {

using DeviceModel = std::vector<thrust::device_vector<float>>;

DeviceModel model_on_device(const Model& model) {
    DeviceModel copy;
    for (const std::vector<float>& tensor : model) copy.push_back(on_device(tensor));
    return copy;
}

Model model_on_host(const DeviceModel& model) {
    Model copy;
    for (const auto& tensor : model) copy.push_back(on_host(tensor));
    return copy;
}

}  // namespace

TEST_CASE_TEMPLATE("a model's fingerprint is the CPU's", T, float, double, ferret::bfloat16,
                   ferret::half) {
    for (const std::size_t size : {1u, 1023u, 1025u, 65536u, 65537u, 200000u}) {
        CAPTURE(size);
        const Layout layout = Layout::per_tensor({size, 77});
        std::vector<T> values = ferret_test::stored_as<T>(ferret_test::simple_update(size + 77));
        const std::vector<std::vector<T>> tensors{
            {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(size)},
            {values.begin() + static_cast<std::ptrdiff_t>(size), values.end()}};
        const std::vector<thrust::device_vector<T>> device_tensors{on_device(tensors[0]),
                                                                   on_device(tensors[1])};
        CHECK(ferret::model_fingerprint(layout, device_tensors, Cuda{}) ==
              ferret::model_fingerprint(layout, tensors));
    }
}

TEST_CASE("fingerprints of shards add up on the device") {
    const Layout layout = Layout::per_tensor({100000});
    const std::vector<float> values = ferret_test::simple_update(100000);
    const auto part = [&](std::size_t begin, std::size_t size) {
        const thrust::device_vector<float> tensor(
            values.begin() + static_cast<std::ptrdiff_t>(begin),
            values.begin() + static_cast<std::ptrdiff_t>(begin + size));
        return ferret::shard_fingerprint(layout, ferret::Shard({{begin, size}}), tensor, Cuda{});
    };
    CHECK(part(0, 70001) + part(70001, 29999) == ferret::model_fingerprint(layout, values));
}

TEST_CASE("rounds on the device send the bytes and end with the models of rounds on the host") {
    const ferret::Plan plan = ferret_test::small_plan();
    Model model = ferret_test::first_model();
    DeviceModel device_model = model_on_device(model);
    DeviceModel followed = device_model;
    ferret::Server server{plan, model};
    ferret::Server device_server{plan, device_model, ferret::Weighting::equal, 0, Cuda{}};
    ferret::Follower follower{plan, 0, Cuda{}};
    for (std::uint64_t round = 1; round <= 3; ++round) {
        for (const std::uint64_t client : {3u, 8u}) {
            const Model after = ferret_test::trained(model, round, client);
            const auto message = ferret::Client{plan, client}(round, model, after);
            REQUIRE(ferret::Client{plan, client, Cuda{}}(round, device_model,
                                                         model_on_device(after)) == message);
            server.receive(message);
            device_server.receive(message);
        }
        const auto broadcast = server.close(model, 0.5f);
        CHECK(device_server.close(device_model, 0.5f) == broadcast);
        follower.apply(broadcast, followed);
        CHECK(ferret_test::same_models(model_on_host(device_model), model));
        CHECK(ferret_test::same_models(model_on_host(followed), model));
    }
}

TEST_CASE("a follower on the device refuses a broadcast for another model, which stays as it was") {
    const ferret::Plan plan = ferret_test::small_plan();
    Model model = ferret_test::first_model();
    Model other = model;
    other[1][7] += 1.0f;
    DeviceModel device_other = model_on_device(other);
    ferret::Server server{plan, model};
    server.receive(ferret_test::answer(plan, model, 1, 0));
    const auto broadcast = server.close(model, 1.0f);
    ferret::Follower follower{plan, 0, Cuda{}};
    CHECK_THROWS_AS(follower.apply(broadcast, device_other), ferret::ModelMismatch);
    CHECK(ferret_test::same_models(model_on_host(device_other), other));
    CHECK(follower.round() == 0);
}
