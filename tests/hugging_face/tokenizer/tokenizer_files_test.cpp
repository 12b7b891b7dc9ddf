#include "hugging_face/tokenizer/tokenizer_files.hpp"

#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace hugging_face;

TEST_CASE("the small files beside a tokenizer go with it") {
    const TemporaryFolder from;
    from.write("tokenizer_config.json", "{}");
    from.write("added_tokens.json", "{ }");
    from.write("config.json", "the model's");
    TokenizerFiles files{{"vocab.txt", "a\n"}, {"added_tokens.json", "kept"}};
    add_companions(from.path(), files);
    CHECK(files == TokenizerFiles{{"vocab.txt", "a\n"},
                                  {"added_tokens.json", "kept"},
                                  {"tokenizer_config.json", "{}"}});

    const TemporaryFolder to;
    write_files(files, to.path() / "new");
    for (const auto& [name, bytes] : files) CHECK(read_bytes(to.path() / "new" / name) == bytes);
}
