#include "kd_lora/estimates/dry_run.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "federated/algorithm/ferret_plan.hpp"
#include "federated/algorithm/memory_parts.hpp"
#include "federated/model/weights.hpp"
#include "federated/report/table.hpp"
#include "files/scratch_folder.hpp"
#include "kd_lora/inputs/embedded_default.hpp"
#include "kd_lora/inputs/run_inputs.hpp"
#include "kd_lora/model/trainable_classifier.hpp"
#include "kd_lora/run/models.hpp"
#include "kd_lora/run/scheme_roles.hpp"

namespace kd_lora {
namespace {

/// A part of the plan: a label, and what stands beside it.
void print(std::ostream& stream, const std::string& label, const std::string& text) {
    constexpr std::size_t width = 12;
    stream << label << std::string(label.size() < width ? width - label.size() : 1, ' ') << text
           << '\n';
}

template <class Number>
std::string count(Number number, const std::string& noun) {
    return federated::grouped_digits(static_cast<double>(number)) + " " + noun +
           (number == Number{1} ? "" : "s");
}

std::size_t steps_of(std::size_t examples, std::int64_t passes, std::int64_t batch_size) {
    const auto size = static_cast<std::size_t>(batch_size);
    return (examples + size - 1) / size * static_cast<std::size_t>(passes);
}

std::string describe(const SequenceClassifier& model) {
    federated::Weights all;
    for (const NamedParameter& parameter : model.parameters()) all.push_back(parameter.tensor);
    const BertConfig& config = model.config();
    return count(federated::parameter_count(all), "parameter") + ", " +
           count(config.num_hidden_layers, "layer") + ", hidden size " +
           std::to_string(config.hidden_size) + ", vocabulary " + std::to_string(config.vocab_size);
}

void print_tuned(std::ostream& stream, const federated::TrainableModel& model) {
    double head = 0.0;
    for (std::size_t i = 0; i < model.names.size(); ++i) {
        if (model.names[i].find("classifier") == std::string::npos) continue;
        head += static_cast<double>(model.parameters[i].numel());
    }
    const std::int64_t tuned = federated::parameter_count(model.parameters);
    print(stream, "tuned",
          count(tuned, "parameter") + " in " + count(model.parameters.size(), "tensor") + ", " +
              federated::decimal(100.0 * head / static_cast<double>(tuned), 1) +
              " % of them in the head");
}

void print_steps(std::ostream& stream, const Options& options, const RunInputs& inputs) {
    const ClientTraining training = client_training(options, inputs);
    std::vector<std::size_t> steps;
    for (const std::vector<std::size_t>& share : inputs.shares.clients) {
        steps.push_back(steps_of(examples_of_pass(training, share.size()), training.epochs,
                                 options.batch_size));
    }
    const auto [fewest, most] = std::ranges::minmax(steps);
    print(stream, "rounds",
          count(options.rounds, "round") + " of " + count(steps.size(), "client") + ", " +
              (fewest == most ? std::string() : std::to_string(fewest) + " to ") +
              count(most, "step") + " each at rate " +
              federated::decimal(training.learning_rate, 6));
    if (!has_teacher(scheme_of(options))) return;
    const ServerPhase phase = server_phase(options, inputs);
    const std::size_t examples = phase.examples_per_pass == 0
                                     ? phase.share.size()
                                     : std::min(phase.share.size(), phase.examples_per_pass);
    print(stream, "server",
          count(steps_of(examples, phase.teacher_epochs, options.batch_size), "step") +
              " of the teacher alone and " +
              count(steps_of(examples, phase.distillation_epochs, options.batch_size), "step") +
              " of distillation a round, at rates " + federated::decimal(phase.teacher_rate, 6) +
              " (teacher) and " + federated::decimal(phase.student_rate, 6) + " (student)");
}

void print_bytes(std::ostream& stream, const Options& options,
                 const federated::AlgorithmOptions& complete,
                 const federated::TrainableModel& model) {
    if (has_sketches(scheme_of(options))) {
        print(stream, "sketches",
              count(complete.budget, "coordinate") + " as " + complete.coordinates + " up, " +
                  complete.coordinates_down + " down, basis " + complete.basis);
    }
    const federated::Traffic traffic = scheme_traffic(options, complete, model);
    const std::string about = traffic.exact ? "" : "about ";
    print(stream, "bytes",
          about + federated::grouped_digits(traffic.up) + " up, " +
              federated::grouped_digits(traffic.down) + " down, per client and round");
    const double messages =
        static_cast<double>(options.rounds) * static_cast<double>(options.clients);
    print(stream, "",
          about + federated::format_bytes(messages * traffic.up) + " up, " +
              federated::format_bytes(messages * traffic.down) +
              " down, by all clients in all rounds");
}

void print_memory(std::ostream& stream, const federated::AlgorithmOptions& complete,
                  const federated::TrainableModel& model, const SequenceClassifier& student,
                  const SequenceClassifier* teacher) {
    federated::Weights all;
    for (const NamedParameter& parameter : student.parameters()) all.push_back(parameter.tensor);
    std::vector<federated::MemoryPart> parts{federated::numbers_in_memory("student", all)};
    for (federated::MemoryPart& part : federated::first_order_memory(complete, model.parameters)) {
        parts.push_back(part);
    }
    if (teacher != nullptr) {
        federated::MemoryPart part =
            federated::numbers_in_memory("teacher with optimiser", trained_tensors(*teacher));
        part.bytes *= 4.0;  // weights, gradients, two moments
        parts.push_back(part);
    }
    double total = 0.0;
    std::string text;
    for (const federated::MemoryPart& part : parts) {
        total += part.bytes;
        text += (text.empty() ? "" : ", ") + std::string(part.what) + " " +
                federated::format_bytes(part.bytes);
    }
    print(
        stream, "memory",
        "about " + federated::format_bytes(total) + ", beside a batch's activations and LibTorch");
    print(stream, "", text);
}

}  // namespace

void print_plan(const Options& options, std::ostream& stream) {
    std::optional<files::ScratchFolder> scratch;
    const Folders folders = folders_of(options, [&] {
        return !options.cache.empty() && has_embedded_default(options.cache)
                   ? prepare_embedded_default(options.cache, {})
                   : prepare_untrained_default(scratch.emplace().path());
    });
    const RunInputs inputs = load_inputs(options, Command::run, folders);
    const auto warn = [&](const std::string& message) { print(stream, "warning", message); };
    const SequenceClassifier student = load_student(options, folders.student, inputs.labels, warn);
    federated::TrainableModel model =
        trainable(student, training_source(options, inputs), inputs.shares.clients);
    const federated::AlgorithmOptions complete = algorithm_options(options, model);
    // Only for what it checks.
    make_client(options, complete, inputs, student, model);

    print(stream, "scheme", options.scheme);
    print(stream, "student", folders.student.string() + ": " + describe(student));
    print_tuned(stream, model);
    std::optional<SequenceClassifier> teacher;
    if (has_teacher(scheme_of(options))) {
        teacher.emplace(load_teacher(options, folders.teacher, inputs.labels, warn));
        print(stream, "teacher", folders.teacher.string() + ": " + describe(*teacher));
    }
    print(stream, "data",
          count(inputs.train.size(), "sentence") + " to train on, " +
              count(inputs.shares.server.size(), "public one") + ", " +
              count(inputs.validation.size(), "sentence") + " to validate");
    print(stream, "shares", "rows of each label:");
    stream << inputs.table;
    print_steps(stream, options, inputs);
    print_bytes(stream, options, complete, model);
    print_memory(stream, complete, model, student, teacher ? &*teacher : nullptr);
    stream << std::flush;
}

}  // namespace kd_lora
