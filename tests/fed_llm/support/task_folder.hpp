#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

/// A Natural Instructions task with `instances` instances, "input I" to "output I".
inline nlohmann::ordered_json task_json(int instances) {
    nlohmann::ordered_json json = {{"Definition", {"Do it.", "Another wording."}},
                                   {"Instances", nlohmann::ordered_json::array()}};
    for (int i = 0; i < instances; ++i) {
        const std::string number = std::to_string(i);
        json["Instances"].push_back({{"id", number},
                                     {"input", "input " + number},
                                     {"output", {"output " + number, "another output"}}});
    }
    return json;
}

/// Writes splits/default/`split`_tasks.txt and each of the tasks.
inline void write_tasks(const TemporaryFolder& folder, const std::string& split,
                        const std::vector<std::pair<std::string, nlohmann::ordered_json>>& tasks) {
    std::string names;
    for (const auto& [name, json] : tasks) {
        names += name + "\n";
        folder.write("tasks/" + name + ".json", json.dump());
    }
    folder.write("splits/default/" + split + "_tasks.txt", names);
}
