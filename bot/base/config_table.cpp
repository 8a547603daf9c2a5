#include "bot/base/config_table.hpp"

#include "bot/base/words.hpp"

#include <fmt/ranges.h>

namespace esc::config_table {

void Table::later(std::initializer_list<std::string_view> keys) {
    for (std::string_view const key : keys) {
        if (toml::node const* const node = table_.get(key)) report(*node, key, std::string(not_yet));
        known_later_.insert(std::string(key));
    }
}

void Table::secrets(std::initializer_list<std::pair<std::string_view, std::string_view>> keys) {
    for (auto const& [key, variable] : keys) {
        known_later_.insert(std::string(key));
        auto const* const node = table_.get(key);
        if (node == nullptr) continue;
        auto const text = node->value<std::string_view>();
        if (!text || !config_checks::looks_like_token(*text)) {  // else refuse_tokens has said it
            report(*node, key, fmt::format("a secret does not stand in this file: set {} in the environment", variable));
        }
    }
}

void Table::finish() {
    for (auto const& [key, node] : table_) {
        if (valid_.contains(key.str()) || known_later_.contains(key.str())) continue;
        reader_.report(static_cast<int>(key.source().begin.line), path(key.str()), unknown(key.str()));
    }
}

// Every table has at least one valid key.
std::string Table::unknown(std::string_view key) const {
    key = key.substr(0, 64);  // a longer one resembles nothing, and comparing takes time by its length
    auto const meant = closest(key, {valid_.begin(), valid_.end()});
    if (edit_distance(key, meant) <= std::max<std::size_t>(2, meant.size() / 3)) {
        return fmt::format("unknown key, did you mean \"{}\"?", meant);
    }
    return fmt::format("unknown key; valid here: {}", fmt::join(valid_, ", "));
}

void refuse_tokens(Reader& reader, toml::node const& node, std::string const& path) {
    if (auto const* const table = node.as_table()) {
        for (auto const& [key, child] : *table) {
            refuse_tokens(reader, child, path.empty() ? std::string(key.str()) : fmt::format("{}.{}", path, key.str()));
        }
    } else if (auto const* const array = node.as_array()) {
        for (toml::node const& child : *array) refuse_tokens(reader, child, path);
    } else if (auto const* const text = node.as_string(); text != nullptr && config_checks::looks_like_token(text->get())) {
        reader.report(Reader::line_of(node), path,
                      "a token does not stand in this file: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN in the environment");
    }
}

}  // namespace esc::config_table
