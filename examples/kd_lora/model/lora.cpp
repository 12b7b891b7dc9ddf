#include "kd_lora/model/lora.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace kd_lora {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& expected,
                         const std::string& got) {
    throw std::invalid_argument("LoRA: " + what + ": expected " + expected + ", got " + got);
}

bool matches_any(const std::string& name, const std::vector<std::string>& ends, auto matches) {
    return std::any_of(ends.begin(), ends.end(),
                       [&](const std::string& end) { return matches(name, end); });
}

/// Throws where one of the names finds no projection.
void expect_found(const std::vector<Projection*>& all, const std::vector<std::string>& names,
                  const char* what, auto matches) {
    for (const std::string& name : names) {
        const bool found = std::any_of(all.begin(), all.end(), [&](const Projection* projection) {
            return matches(projection->name, name);
        });
        if (!found) refuse(what, "names of projections", "\"" + name + "\"");
    }
}

}  // namespace

bool is_lora_target(const std::string& projection, const std::string& target) {
    return !target.empty() && (projection == target || projection.ends_with("." + target));
}

bool is_trained_whole(const std::string& projection, const std::string& end) {
    return !end.empty() && projection.ends_with(end);
}

void check(const LoraSettings& settings) {
    if (settings.rank < 1) refuse("rank", "at least 1", std::to_string(settings.rank));
    if (!(settings.alpha > 0.0) || !std::isfinite(settings.alpha)) {
        refuse("alpha", "a positive number", std::to_string(settings.alpha));
    }
    if (!(settings.dropout >= 0.0 && settings.dropout < 1.0)) {
        refuse("dropout", "a number in [0, 1)", std::to_string(settings.dropout));
    }
}

void add_lora(SequenceClassifier& model, const LoraSettings& settings, std::uint64_t seed) {
    check(settings);
    const std::vector<Projection*> all = model.projections();
    if (settings.targets.empty()) refuse("targets", "names of projections", "none");
    expect_found(all, settings.targets, "targets", is_lora_target);
    expect_found(all, settings.whole, "projections trained whole", is_trained_whole);
    std::vector<Projection*> targets;
    std::vector<Projection*> whole;
    for (Projection* projection : all) {
        const std::string& name = projection->name;
        const bool target = matches_any(name, settings.targets, is_lora_target);
        const bool is_whole = matches_any(name, settings.whole, is_trained_whole);
        if (projection->adapter) refuse(name, "no adapter yet", "one");
        if (target && is_whole) refuse(name, "a target or one trained whole", "both");
        if (target) targets.push_back(projection);
        if (is_whole) whole.push_back(projection);
    }

    for (NamedParameter& parameter : model.parameters()) parameter.tensor.set_requires_grad(false);
    torch::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    for (Projection* target : targets) {
        const std::int64_t out = target->weight.size(0);
        const std::int64_t in = target->weight.size(1);
        const double bound = 1.0 / std::sqrt(static_cast<double>(in));
        // Drawn on the CPU: the generators of other devices give other numbers.
        torch::Tensor a = torch::empty({settings.rank, in}, torch::kFloat32);
        a.uniform_(-bound, bound, generator);
        LoraAdapter adapter;
        adapter.a = a.to(model.options()).set_requires_grad(true);
        adapter.b = torch::zeros({out, settings.rank}, model.options()).set_requires_grad(true);
        adapter.scale = settings.alpha / static_cast<double>(settings.rank);
        adapter.dropout = settings.dropout;
        target->adapter = std::move(adapter);
    }
    for (Projection* projection : whole) {
        projection->weight.set_requires_grad(true);
        projection->bias.set_requires_grad(true);
    }
}

void merge_lora(SequenceClassifier& model) {
    const torch::NoGradGuard no_grad;
    for (Projection* projection : model.projections()) {
        if (!projection->adapter) continue;
        const LoraAdapter& adapter = *projection->adapter;
        projection->weight.add_(adapter.b.matmul(adapter.a), adapter.scale);
        projection->adapter.reset();
    }
    for (NamedParameter& parameter : model.parameters()) parameter.tensor.set_requires_grad(true);
}

}  // namespace kd_lora
