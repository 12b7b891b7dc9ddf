#include "run/embedded_default.hpp"

#include <stdexcept>

#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace fed_llm;

TEST_CASE("an interrupted warm-up leaves nothing behind") {
    const TemporaryFolder folder;
    const auto stop = [](const Progress& progress) {
        CHECK(progress.phase == Progress::Phase::warm_up);
        throw std::runtime_error("stop");
    };
    CHECK_THROWS_WITH(prepare_embedded_default(folder.path() / "embedded", stop), "stop");
    CHECK(std::filesystem::is_empty(folder.path()));
}
