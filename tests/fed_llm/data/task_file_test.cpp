#include "fed_llm/data/task_file.hpp"

#include <string>
#include <utility>
#include <vector>

#include "fed_llm/support/task_folder.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace fed_llm;

TEST_CASE("a task is its first definition and each instance's first output") {
    const TemporaryFolder folder;
    write_tasks(folder, "train", {{"task1", task_json(2)}});
    const Task task = read_task(folder.path(), "task1");
    CHECK(task.name == "task1");
    CHECK(task.definition == "Do it.");
    CHECK(task.category == "task1");
    REQUIRE(task.instances.size() == 2);
    CHECK(task.instances[1].input == "input 1");
    CHECK(task.instances[1].output == "output 1");
}

TEST_CASE("a split file holds one task a line, whatever the line ends") {
    const TemporaryFolder folder;
    folder.write("splits/default/test_tasks.txt", "\xEF\xBB\xBFtask1\r\n\n  task2 \ntask3");
    CHECK(read_split(folder.path(), "test") == std::vector<std::string>{"task1", "task2", "task3"});
}

TEST_CASE("split files that name no tasks, or lead elsewhere, are refused") {
    const TemporaryFolder folder;
    CHECK(error_field([&] { read_split(folder.path(), "train"); }) == "file");
    folder.write("splits/default/train_tasks.txt", "\n \n");
    CHECK(error_field([&] { read_split(folder.path(), "train"); }) == "file");
    folder.write("splits/default/train_tasks.txt", "task1\n../../secret\n");
    CHECK(error_field([&] { read_split(folder.path(), "train"); }) == "line 2");
    folder.write("splits/default/train_tasks.txt", "task1_caf\xC3\xA9\ntask2_caf\xE9\n");
    CHECK(error_field([&] { read_split(folder.path(), "train"); }) == "line 2");
}

TEST_CASE("input and categories may be missing or null") {
    const TemporaryFolder folder;
    nlohmann::ordered_json json = task_json(3);
    json["Instances"][0].erase("input");
    json["Instances"][1]["input"] = nullptr;
    for (const nlohmann::ordered_json& none :
         {nlohmann::ordered_json(nullptr), nlohmann::ordered_json::array()}) {
        json["Categories"] = none;
        write_tasks(folder, "train", {{"task1", json}});
        const Task task = read_task(folder.path(), "task1");
        CHECK(task.category == "task1");
        REQUIRE(task.instances.size() == 3);
        CHECK(task.instances[0].input.empty());
        CHECK(task.instances[1].input.empty());
        CHECK(task.instances[2].input == "input 2");
    }
    json["Categories"] = {"Question Answering", "Other"};
    write_tasks(folder, "train", {{"task1", json}});
    CHECK(read_task(folder.path(), "task1").category == "Question Answering");
    json["Categories"] = "Question Answering";  // as some of the published tasks have it
    write_tasks(folder, "train", {{"task1", json}});
    CHECK(read_task(folder.path(), "task1").category == "Question Answering");
}

TEST_CASE("a malformed task is refused by file and field") {
    using Json = nlohmann::ordered_json;
    const TemporaryFolder folder;
    const auto field = [&](const Json& json) {
        folder.write("tasks/task1.json", json.dump());
        return error_field([&] { read_task(folder.path(), "task1"); });
    };
    const auto with = [](const char* pointer, const Json& value) {
        Json json = task_json(2);
        json[Json::json_pointer(pointer)] = value;
        return json;
    };
    CHECK(field(Json::array()) == "Definition");
    CHECK(field(with("/Definition", Json::array())) == "Definition");
    CHECK(field(with("/Definition", {1})) == "Definition");
    CHECK(field(with("/Definition", nullptr)) == "Definition");
    CHECK(field(with("/Categories", {1})) == "Categories");
    CHECK(field(with("/Categories", 1)) == "Categories");
    CHECK(field(with("/Categories", Json::array({nullptr}))) == "Categories");
    CHECK(field(with("/Instances", nullptr)) == "Instances");
    CHECK(field(with("/Instances", "none")) == "Instances");
    CHECK(field(with("/Instances/1", 7)) == "Instances[1]");
    CHECK(field(with("/Instances/1/input", 7)) == "Instances[1].input");
    CHECK(field(with("/Instances/0/output", nullptr)) == "Instances[0].output");
    CHECK(field(with("/Instances/0/output", Json::array())) == "Instances[0].output");
    CHECK(field(with("/Instances/0/output", {Json::object()})) == "Instances[0].output");
    folder.write("tasks/task1.json", "{\"Definition\": [");
    CHECK_THROWS_AS(read_task(folder.path(), "task1"), FileError);
    CHECK(error_field([&] { read_task(folder.path(), "task2"); }) == "file");
}
