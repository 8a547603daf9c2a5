// Inside of block_kit.cpp and block_elements.cpp: walks blocks, elements and composition objects with a JSON pointer in hand
// and collects every complaint.
#pragma once

#include "tests/fake_slack/block_kit.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace esc::fake {

enum class Wording : std::uint8_t { plain, mrkdwn, either };
using Names = std::initializer_list<std::string_view>;

inline bool among(std::string_view name, Names names) {
    for (auto const candidate : names)
        if (candidate == name) return true;
    return false;
}

class Checker {
public:
    explicit Checker(Surface surface) : surface_(surface) {}

    void blocks(json::array const& list, std::string const& at);
    void view(json::object const& view);
    void complain(std::string_view what, std::string const& at) {
        complaints_.push_back(fmt::format("{} [json-pointer:{}]", what, at));
    }
    Complaints take() { return std::move(complaints_); }

    void fields(json::object const& object, std::string const& at, Names required, Names optional) {
        for (auto const name : required)
            if (!object.contains(name)) complain(fmt::format("missing required field: {}", name), at);
        for (auto const& member : object)
            if (!among(member.key(), required) && !among(member.key(), optional))
                complain(fmt::format("invalid additional property: {}", std::string_view(member.key())), at);
    }
    void string(json::object const& object, std::string const& at, std::string_view key, std::size_t max, std::size_t min = 0) {
        auto const* value = object.if_contains(key);
        if (value == nullptr) return;
        auto const here = fmt::format("{}/{}", at, key);
        if (!value->is_string()) return complain("must provide a string", here);
        auto const size = code_points(value->get_string());
        if (size > max) complain(fmt::format("must be less than {} characters", max + 1), here);
        if (size < min) complain(fmt::format("must be more than {} characters", min - 1), here);
    }
    void boolean(json::object const& object, std::string const& at, Names keys) {
        for (auto const key : keys)
            if (auto const* value = object.if_contains(key); value != nullptr && !value->is_bool())
                complain("must be a boolean", fmt::format("{}/{}", at, key));
    }
    void whole(json::object const& object, std::string const& at, std::string_view key, std::int64_t min, std::int64_t max) {
        auto const* value = object.if_contains(key);
        if (value == nullptr) return;
        auto const number = number_of(object, key);
        if (!number || *number < min || *number > max)
            complain(fmt::format("must be an integer from {} to {}", min, max), fmt::format("{}/{}", at, key));
    }
    void text(json::object const& object, std::string const& at, std::string_view key, std::size_t max,
              Wording wording = Wording::plain, std::size_t min = 1);
    // The array under `key` when it has between min and max items.
    json::array array(json::object const& object, std::string const& at, std::string_view key, std::size_t min, std::size_t max) {
        auto const here = fmt::format("{}/{}", at, key);
        auto const* value = object.if_contains(key);
        if (value == nullptr) return {};
        if (!value->is_array()) {
            complain("must provide an array", here);
            return {};
        }
        auto const size = value->get_array().size();
        if (size > max) complain(fmt::format("no more than {} items allowed", max), here);
        if (size < min) complain(fmt::format("no fewer than {} items allowed", min), here);
        return value->get_array();
    }

private:
    void block(json::object const& block, std::string const& at);
    void section(json::object const& block, std::string const& at);
    void input(json::object const& block, std::string const& at);
    void element(json::value const& value, std::string const& at, Names allowed);
    void choice(json::object const& element, std::string const& at, std::string_view type);
    void options(json::object const& element, std::string const& at, std::size_t min, std::size_t max);
    void option(json::value const& value, std::string const& at);
    void confirm(json::object const& element, std::string const& at);
    void rich_text(json::object const& block, std::string const& at);

    Surface surface_;
    Complaints complaints_{};
    std::set<std::string> action_ids_{};  // of the block at hand
    std::size_t markdown_ = 0;
    int focused_ = 0;
};

}  // namespace esc::fake
