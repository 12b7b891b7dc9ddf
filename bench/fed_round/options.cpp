#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ferret/block/budget.hpp>
#include <limits>

#include "federated/options/algorithm_choices.hpp"

namespace fed_round {
namespace {

std::vector<std::string> shape_names() {
    std::vector<std::string> names;
    for (const Shape& shape : shapes) names.emplace_back(shape.name);
    return names;
}

std::vector<std::string> rule_names() {
    return {ferret::budget_rule_names.begin(), ferret::budget_rule_names.end()};
}

CLI::Range whole(std::int64_t least) {
    return CLI::Range(least, std::int64_t{1} << 31);
}

}  // namespace

const Shape& Options::model_shape() const {
    return *std::find_if(shapes.begin(), shapes.end(),
                         [&](const Shape& one) { return one.name == shape; });
}

Options parse_options(int count, const char* const* arguments, std::optional<int>& exit_code) {
    Options options;
    CLI::App app{
        "Times one federated round of one client on a LLaMA with random weights, and sets it "
        "beside "
        "the paper's.",
        "fed_round"};
    app.option_defaults()->always_capture_default();
    app.add_option("--shape", options.shape, "The model")->check(CLI::IsMember(shape_names()));
    app.add_option("--dtype", options.dtype, "Of weights and arithmetic")
        ->check(CLI::IsMember({"bfloat16", "half", "float"}));
    app.add_option("--device", options.device)->check(CLI::IsMember({"cpu", "cuda"}));
    app.add_option("--algorithm", options.algorithm)
        ->check(CLI::IsMember({"fedavg", "ferret", "fedkseed", "fedzo", "all"}));
    app.add_option("--basis", options.bases, "Ferret's, with a round for each")
        ->delimiter(',')
        ->check(CLI::IsMember(federated::basis_choices()));
    app.add_option("--budget", options.budget,
                   "Coordinates that Ferret sends (K); 0: half of what the paper counts as moved");
    app.add_option("--budget-rule", options.budget_rule)->check(CLI::IsMember(rule_names()));
    app.add_option("--local-steps", options.local_steps, "First-order steps, of one example each")
        ->check(whole(1));
    app.add_option("--lr", options.learning_rate, "Learning rate of the first-order steps")
        ->check(CLI::Range(std::numeric_limits<double>::min(), 1e3));
    app.add_option("--sequence-length", options.sequence_length,
                   "Positions of an example; the second half is the response")
        ->check(CLI::Range(std::int64_t{2}, std::int64_t{2047}));
    app.add_option("--clients", options.clients, "Whose equal messages are aggregated")
        ->check(whole(1));
    app.add_option("--repetitions", options.repetitions, "Rounds timed after one to warm up")
        ->check(whole(1));
    app.add_option("--zeroth-order-share", options.zeroth_order_share,
                   "Of FedZO's and FedKSeed's work that is really done; below 1 their times are "
                   "extrapolated, and said to be")
        ->check(CLI::Range(1e-4, 1.0));
    app.add_option("--out", options.out, "JSON file to write");
    try {
        app.parse(count, arguments);
        if (options.budget == 0) options.budget = options.model_shape().budget;
    } catch (const CLI::ParseError& error) {
        exit_code = app.exit(error);
    }
    return options;
}

}  // namespace fed_round
