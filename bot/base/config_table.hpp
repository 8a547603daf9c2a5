// Reading one TOML file table by table, whatever its keys mean: each value has its kind checked, a key that nobody asked for is
// reported with the one it resembles, and no secret stands in the file. Only bot/base/config.cpp includes this: toml++ is heavy.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/config_checks.hpp"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace esc::config_table {

inline constexpr std::string_view not_yet = "not supported by this version yet";

using Problem = std::optional<std::string>;  // what is wrong with a value, or nothing

// One file being read: where problems and sources go.
class Reader {
public:
    Reader(ConfigReading& reading, std::string file) : reading_(reading), file_(std::move(file)) {}

    void report(int line, std::string key, std::string message) {
        reading_.problems.push_back({.file = file_, .line = line, .key = std::move(key), .message = std::move(message)});
    }
    void found(std::string key, toml::node const& node) {
        reading_.sources[std::move(key)] = fmt::format("{}:{}", file_, line_of(node));
    }
    [[nodiscard]] static int line_of(toml::node const& node) { return static_cast<int>(node.source().begin.line); }

private:
    ConfigReading& reading_;
    std::string file_;
};

// One table of the file. Every key that is asked for is a valid one; finish() reports the others.
class Table {
public:
    Table(Reader& reader, toml::table const& table, std::string path) : reader_(reader), table_(table), path_(std::move(path)) {}

    // Where the values are kept under, when the table alone does not say it: "sla.1".
    void rename(std::string path) { path_ = std::move(path); }
    [[nodiscard]] std::string path(std::string_view key) const {
        return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
    }
    [[nodiscard]] toml::table const& raw() const { return table_; }

    [[nodiscard]] toml::node const* find(std::string_view key) {
        valid_.insert(std::string(key));
        return table_.get(key);
    }
    void report(toml::node const& node, std::string_view key, std::string message) {
        reader_.report(Reader::line_of(node), path(key), std::move(message));
    }
    void found(toml::node const& node, std::string_view key) { reader_.found(path(key), node); }

    // `accept` takes the value, or says what is wrong with it.
    template <class Accept>
    void text(std::string_view key, Accept accept) {
        value<std::string>(key, "a text in quotes", std::move(accept));
    }
    template <class Accept>
    void number(std::string_view key, Accept accept) {
        value<std::int64_t>(key, "a whole number", std::move(accept));
    }
    template <class Accept>
    void flag(std::string_view key, Accept accept) {
        value<bool>(key, "true or false", std::move(accept));
    }
    // Each item is accepted on its own, with its own line; the list is there as a whole or not at all.
    template <class Accept>
    void texts(std::string_view key, std::vector<std::string>& into, Accept accept) {
        toml::node const* const node = find(key);
        if (node == nullptr) return;
        toml::array const* const array = node->as_array();
        if (array == nullptr) return report(*node, key, "expected a list of texts in quotes");
        found(*node, key);
        std::vector<std::string> items;
        for (toml::node const& item : *array) {
            auto const* const string = item.as_string();
            if (string == nullptr) {
                report(item, key, "expected a list of texts in quotes");
            } else if (config_checks::looks_like_token(string->get())) {
                continue;  // reported by refuse_tokens; no other message may repeat it
            } else if (Problem problem = accept(string->get())) {
                report(item, key, std::move(*problem));
            } else {
                items.push_back(string->get());
            }
        }
        into = std::move(items);
    }
    template <class Read>
    void subtable(std::string_view key, Read read) {
        toml::node const* const node = find(key);
        if (node == nullptr) return;
        toml::table const* const table = node->as_table();
        if (table == nullptr) return report(*node, key, fmt::format("expected a table: [{}]", path(key)));
        Table inner(reader_, *table, path(key));
        read(inner);
        inner.finish();
    }
    template <class Read>
    void tables(std::string_view key, Read read) {
        toml::node const* const node = find(key);
        if (node == nullptr) return;
        toml::array const* const array = node->as_array();
        bool const all_tables =
            array != nullptr && std::all_of(array->begin(), array->end(), [](auto const& n) { return n.is_table(); });
        if (!all_tables) return report(*node, key, fmt::format("expected a list of tables: [[{}]]", path(key)));
        for (toml::node const& item : *array) {
            Table inner(reader_, *item.as_table(), path(key));
            read(inner);
            inner.finish();
        }
    }
    // Keys that will mean something one day.
    void later(std::initializer_list<std::string_view> keys);
    // Keys that people put here though what they say belongs into the environment: key and variable.
    void secrets(std::initializer_list<std::pair<std::string_view, std::string_view>> keys);
    void finish();

private:
    template <class T, class Accept>
    void value(std::string_view key, std::string_view expected, Accept accept) {
        toml::node const* const node = find(key);
        if (node == nullptr) return;
        auto const* const typed = node->as<T>();
        if (typed == nullptr) return report(*node, key, fmt::format("expected {}", expected));
        found(*node, key);
        if constexpr (std::is_same_v<T, std::string>) {
            if (config_checks::looks_like_token(typed->get()))
                return;  // reported by refuse_tokens; no other message may repeat it
        }
        if (Problem problem = accept(typed->get())) report(*node, key, std::move(*problem));
    }
    [[nodiscard]] std::string unknown(std::string_view key) const;

    Reader& reader_;
    toml::table const& table_;
    std::string path_;
    std::set<std::string, std::less<>> valid_{};
    std::set<std::string, std::less<>> known_later_{};
};

// A token anywhere below `node`, whatever the key is called. `path` is the node's, empty for the file.
void refuse_tokens(Reader& reader, toml::node const& node, std::string const& path = {});

}  // namespace esc::config_table
