#include "federated/store/tensorboard.hpp"

#include <cstdio>

#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace federated;

namespace {

std::string hexadecimal(const std::string& bytes) {
    std::string text;
    for (const char byte : bytes) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(byte));
        text += digits;
    }
    return text;
}

Metrics metrics(std::int64_t rounds) {
    Metrics result;
    for (std::int64_t round = 0; round <= rounds; ++round) {
        result.rounds.push_back({.round = round,
                                 .metrics = {{"test_loss", 4.0 - static_cast<double>(round)}},
                                 .training_loss = 2.0,
                                 .clients = 2,
                                 .bytes_up = 100.0,
                                 .bytes_down = 50.0,
                                 .training_seconds = 3.0,
                                 .evaluation_seconds = 1.0});
    }
    return result;
}

}  // namespace

TEST_CASE("CRC-32C") {
    // RFC 3720, B.4, and the check value of the catalogues.
    CHECK(crc32c(std::vector<std::byte>(32)) == 0x8a9136aaU);
    CHECK(crc32c(std::as_bytes(std::span("123456789", 9))) == 0xe3069283U);
}

TEST_CASE("records are those that TensorBoard's own writer makes") {
    // From RecordWriter and event_pb2 of the Python package tensorboard 2.21.0.
    CHECK(
        hexadecimal(event_record(1.5, 300, std::vector<Scalar>{{"loss/test", 0.25}, {"a", -3}})) ==
        "2a00000000000000ae8d91f509000000000000f83f10ac022a1c0a100a096c6f73732f74657374150000803e"
        "0a080a016115000040c0194fa5a9");
    CHECK(hexadecimal(opening_record(1.5)) ==
          "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c");
}

TEST_CASE("a log that was taken up again holds each round once") {
    const TemporaryFolder folder;
    const Metrics whole = metrics(3);
    const AnswerRecord answers{
        .round = 3, .examples = 5, .metrics = {{"rouge_l", 0.25}}, .seconds = 2.0};
    TensorBoardLog log(folder.path() / "whole", {}, 1700000000);
    for (const RoundSummary& round : whole.rounds) log.append(round);
    log.append(answers);
    CHECK(log.file().filename() == "events.out.tfevents.1700000000.fed_llm");

    // Killed after round 2 was logged and before its checkpoint was written.
    TensorBoardLog before(folder.path() / "parts", {}, 1700000000);
    for (std::size_t round = 0; round < 3; ++round) before.append(whole.rounds[round]);
    TensorBoardLog after(folder.path() / "parts", metrics(1), 1800000000);
    CHECK(after.file() == before.file());
    for (std::size_t round = 2; round < 4; ++round) after.append(whole.rounds[round]);
    after.append(answers);
    CHECK(read_bytes(after.file()) == read_bytes(log.file()));

    Metrics complete = whole;
    complete.answers.push_back(answers);
    TensorBoardLog(folder.path() / "parts", complete, 1900000000);
    CHECK(read_bytes(after.file()) == read_bytes(log.file()));
}

TEST_CASE("each metric of the answers is logged by its name") {
    const TemporaryFolder folder;
    TensorBoardLog log(folder.path(), {}, 1700000000);
    log.append(AnswerRecord{.round = 3, .metrics = {{"rouge_l", 0.25}, {"exact_match", 0.5}}});
    const std::string bytes = read_bytes(log.file());
    CHECK(bytes.find("answers/rouge l") != std::string::npos);
    CHECK(bytes.find("answers/exact match") != std::string::npos);
}

TEST_CASE("event files of others stay as they are") {
    const TemporaryFolder folder;
    const auto other = folder.write("events.out.tfevents.12.host", "theirs");
    const TensorBoardLog log(folder.path(), metrics(0), 34);
    CHECK(log.file().filename() == "events.out.tfevents.34.fed_llm");
    CHECK(read_bytes(other) == "theirs");
}
