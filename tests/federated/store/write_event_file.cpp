// Writes the event file that read_event_file.py expects into the folder of the first argument.

#include <cstdint>
#include <filesystem>

#include "federated/store/tensorboard.hpp"

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    federated::Metrics metrics;
    federated::TensorBoardLog log(argv[1], metrics, 1700000000);
    for (std::int64_t round = 0; round < 3; ++round) {
        log.append(federated::RoundSummary{
            .round = round,
            .metrics = {{"test_loss", 4.0 - 0.5 * static_cast<double>(round)}},
            .training_loss = 3.5,
            .clients = 2,
            .bytes_up = 1000.0,
            .bytes_down = 500.0,
            .training_seconds = round > 0 ? 8.0 : 0.0,
            .evaluation_seconds = 0.25});
    }
    log.append(federated::AnswerRecord{.round = 2,
                                       .examples = 4,
                                       .metrics = {{"rouge_l", 0.125}, {"exact_match", 0.75}},
                                       .seconds = 1.0});
    return 0;
}
