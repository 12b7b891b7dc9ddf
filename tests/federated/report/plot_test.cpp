#include "federated/report/plot.hpp"

#include <cstdlib>
#include <stdexcept>

#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace federated;

namespace {

/// PATH for the programs of one folder alone, as long as the object lives.
class OnlyPath {
public:
    explicit OnlyPath(const std::filesystem::path& folder) : before_(std::getenv("PATH")) {
        ::setenv("PATH", folder.c_str(), 1);
    }
    ~OnlyPath() { ::setenv("PATH", before_.c_str(), 1); }

private:
    std::string before_;
};

/// A python3 that writes down its arguments, or fails.
void write_python(const TemporaryFolder& folder, const std::string& body) {
    const auto python = folder.write("python3", "#!/bin/sh\n" + body);
    std::filesystem::permissions(python, std::filesystem::perms::owner_all);
}

}  // namespace

TEST_CASE("the script is found and told picture and runs") {
    const TemporaryFolder folder;
    const auto told = folder.path() / "told";
    write_python(folder, "printf '%s\\n' \"$@\" > '" + told.string() + "'\n");
    const OnlyPath path(folder.path());
    plot_runs({"runs/a", "runs/b"}, "picture.svg");
    const std::string text = read_bytes(told);
    CHECK(text.find("/plot_runs.py\npicture.svg\nruns/a\nruns/b\n") != std::string::npos);
    CHECK(std::filesystem::is_regular_file(text.substr(0, text.find('\n'))));
}

TEST_CASE("what is missing is told") {
    const TemporaryFolder folder;
    const OnlyPath path(folder.path());
    const auto message = [] {
        try {
            plot_runs({"runs/a"}, "picture.svg");
        } catch (const std::runtime_error& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    CHECK(message().starts_with("plot: expected python3, with Matplotlib"));
    write_python(folder, "exit 1\n");
    CHECK(message() == "plot: picture.svg was not drawn");
}
