#include "federated/report/progress_display.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace federated {
namespace {

constexpr double seconds_between_drawings = 0.1;
constexpr int bar_width = 24;

double fraction(const Progress& progress) {
    return progress.total > 0
               ? static_cast<double>(progress.done) / static_cast<double>(progress.total)
               : 1.0;
}

/// The share of the whole phase, over all clients.
double phase_fraction(const Progress& progress) {
    if (progress.phase != Progress::Phase::training || progress.clients == 0) {
        return fraction(progress);
    }
    return (static_cast<double>(progress.client - 1) + fraction(progress)) /
           static_cast<double>(progress.clients);
}

std::string loss_text(double loss) {
    char text[32];
    std::snprintf(text, sizeof text, "loss %.4f", loss);
    return text;
}

/// What is being done, without bar and time.
std::string describe(const Progress& progress, std::int64_t rounds) {
    const std::string round =
        "round " + std::to_string(progress.round) + "/" + std::to_string(rounds) + "  ";
    switch (progress.phase) {
        case Progress::Phase::training:
            return round + "client " + std::to_string(progress.client) + "/" +
                   std::to_string(progress.clients);
        case Progress::Phase::aggregation:
            return round + "aggregation";
        case Progress::Phase::evaluation:
            return round + "evaluation";
        case Progress::Phase::generation:
            return "answering test examples";
        case Progress::Phase::waiting:
            return "waiting for another run to make the embedded model";
        case Progress::Phase::warm_up:
            return "warming up the embedded model";
    }
    return round;
}

bool has_loss(const Progress& progress) {
    return progress.phase == Progress::Phase::training ||
           progress.phase == Progress::Phase::warm_up;
}

}  // namespace

std::string format_duration(double seconds) {
    const auto whole = static_cast<long long>(std::llround(std::max(0.0, seconds)));
    char text[48];
    if (whole < 60) {
        std::snprintf(text, sizeof text, "%lld s", whole);
    } else if (whole < 3600) {
        std::snprintf(text, sizeof text, "%lld:%02lld min", whole / 60, whole % 60);
    } else {
        std::snprintf(text, sizeof text, "%lld:%02lld h", whole / 3600, whole % 3600 / 60);
    }
    return text;
}

std::string format_bar(double fraction, int width) {
    const auto cells = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * width);
    std::string bar(static_cast<std::size_t>(width), '-');
    std::fill_n(bar.begin(), cells, '#');
    return bar;
}

std::string ProgressDisplay::remaining(const Progress& progress) const {
    const double done = phase_fraction(progress);
    if (done <= phase_start_) return {};  // the first report of the phase: nothing was timed yet
    const double of_phase = phase_.read() / (done - phase_start_);
    const double in_phase = of_phase * (1.0 - done);
    if (const auto seconds = remaining_time_.seconds(progress, in_phase, of_phase)) {
        return format_duration(*seconds) + " left";
    }
    return format_duration(in_phase) + " left of this phase";
}

void ProgressDisplay::show(const Progress& progress) {
    const bool begins = progress.phase != last_.phase || progress.round != last_.round || !started_;
    if (begins) {
        phase_.lap();
        phase_start_ = phase_fraction(progress);
    }
    started_ = true;
    last_ = progress;

    std::string text = describe(progress, rounds_);
    if (terminal_) {
        const bool complete = progress.done == progress.total;
        if (drawn_ && !complete && since_drawn_.read() < seconds_between_drawings) return;
        since_drawn_.lap();
        text += "  [" + format_bar(phase_fraction(progress), bar_width) + "]";
        if (has_loss(progress)) text += "  " + loss_text(progress.loss);
        // "\r" returns to the start of the line, "\x1b[K" clears what an older bar left of it.
        stream_ << '\r' << text << "  " << remaining(progress) << "\x1b[K" << std::flush;
        drawn_ = true;
    } else if (progress.done == progress.total && has_loss(progress)) {
        stream_ << text << "  " << loss_text(progress.loss) << "  " << remaining(progress)
                << std::endl;
    } else if (begins && progress.phase == Progress::Phase::waiting) {
        stream_ << text << std::endl;
    }
}

void ProgressDisplay::clear() {
    if (drawn_) stream_ << "\r\x1b[K" << std::flush;
    drawn_ = false;
}

void ProgressDisplay::print(const std::string& line) {
    clear();
    stream_ << line << std::endl;
}

}  // namespace federated
