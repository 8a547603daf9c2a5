// The App Home of one person: counts, what waits for their word, and a list in rank order.
#pragma once

#include "bot/base/config.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/people.hpp"
#include "handlers/views/views.hpp"
#include "store/model.hpp"
#include "store/tx.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::views {

// What a Home shows, as it lies in its private_metadata.
struct HomeState {
    QueueFilter filter = QueueFilter::open;
    int page = 1;
    friend bool operator==(HomeState const&, HomeState const&) = default;
};
[[nodiscard]] std::string_view filter_name(QueueFilter filter);  // "mine", "at-risk", "all"
[[nodiscard]] std::optional<QueueFilter> parse_filter_name(std::string_view name);

// Something that waits for this person's word.
struct Approval {
    enum class What : std::uint8_t { transfer, severity, unconfirmed, warranted, resolve } what = What::transfer;
    QueueRow row{};
    std::optional<rules::ResolveRequest> asked{};  // of a resolve
};

struct HomePage {
    Person viewer{};
    HomeState state{};
    bool more = false;  // there is a next page
    Instant now{};
    QueueCounts counts{};
    std::int64_t listed = 0;  // in the whole list; 0 where nobody counts
    Snapshot::Load load{};    // of the viewer, with their own list
    std::vector<QueueRow> rows{};
    std::vector<QueueRow> unowned{};  // below one's own: what waits for somebody to claim it
    std::vector<Approval> approvals{};
    bool more_approvals = false;  // not everything that waits was looked at
};
inline constexpr std::string_view home_filter_action = "esc.home.filter";
inline constexpr std::string_view home_next_action = "esc.home.page";
inline constexpr std::string_view home_previous_action = "esc.home.page.previous";
inline constexpr std::string_view help_action = "esc.help";
[[nodiscard]] slack::blocks::Home home(HomePage const& page);
// For people who raise but do not work on escalations: `rows` are what they have raised. And for people from outside.
[[nodiscard]] slack::blocks::Home home_of_requester(Config const& config, HomePage const& page);
[[nodiscard]] slack::blocks::Home home_of_outsider();

}  // namespace esc::views
