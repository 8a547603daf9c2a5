// Most urgent first, a row for each with what to press; at most a hundred blocks, whatever is open.
#include "handlers/views/home.hpp"

#include "handlers/views/parts.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;
namespace json = boost::json;

namespace {

// Rows and approvals take up to two blocks. With these, the longest Home stays below a hundred.
constexpr std::size_t rows_max = 20;
constexpr std::size_t unowned_max = 10;
constexpr std::size_t approvals_max = 10;
constexpr std::size_t reason_max = 300;

struct FilterName {
    QueueFilter filter;
    std::string_view name;
    std::string_view label;
};
constexpr std::array filters{FilterName{QueueFilter::mine, "mine", "My work"},
                             FilterName{QueueFilter::open, "all", "Everything open"},
                             FilterName{QueueFilter::unowned, "unowned", "Without an owner"},
                             FilterName{QueueFilter::at_risk, "at-risk", "At risk"},
                             FilterName{QueueFilter::breached, "breached", "Breached"},
                             FilterName{QueueFilter::waiting, "waiting", "Waiting"}};

FilterName const& entry(QueueFilter filter) {
    return *std::find_if(filters.begin(), filters.end(), [&](FilterName const& one) { return one.filter == filter; });
}

void add_title(blocks::Home& home, std::string_view title) {
    home += blocks::section(blocks::mrkdwn_text(fmt::format("*{}*", title)));
}

void add_row(blocks::Home& home, HomePage const& page, QueueRow const& shown) {
    auto const& escalation = shown.escalation;
    auto const text = blocks::mrkdwn_text(row(escalation, shown.card_permalink, page.now));
    auto open = more_button(escalation, "Open");
    if (!for_reader(rules::Verb::claim, escalation, page.viewer, page.now)) {
        home += blocks::section(text, std::move(open));
        return;
    }
    auto claim = verb_button(rules::Verb::claim, escalation, blocks::Style::primary);
    // Whoever may also assign or decline it finds that behind Open.
    if (!for_reader(rules::Verb::assign, escalation, page.viewer, page.now)) {
        home += blocks::section(text, std::move(claim));
        return;
    }
    home += blocks::section(text);
    home += blocks::actions("", {std::move(claim), std::move(open)});
}

std::string request(Approval const& approval) {
    auto const& details = approval.row.escalation.details;
    switch (approval.what) {
        case Approval::What::transfer: {
            if (!details.transfer) break;
            auto const& transfer = *details.transfer;
            auto const to = transfer.to.empty() ? std::string{} : " to " + blocks::person(transfer.to).text;
            return fmt::format("{} asks for a transfer{}, until {}: {}", blocks::person(transfer.by).text, to,
                               blocks::date(transfer.expires_at).text, line(transfer.reason, reason_max));
        }
        case Approval::What::severity: {
            if (!details.severity_request) break;
            auto const& asked = *details.severity_request;
            return fmt::format("{} asks for {}: {}", blocks::person(asked.by).text, to_string(asked.to),
                               line(asked.reason, reason_max));
        }
        case Approval::What::unconfirmed:
            if (!details.unconfirmed_since) break;
            return fmt::format("Runs as {} since {}, raised without the questions: confirm it, or lower it.",
                               to_string(approval.row.escalation.severity), blocks::date(*details.unconfirmed_since).text);
        case Approval::What::warranted:
            return warranted_line(approval.row.escalation);
        case Approval::What::resolve:
            if (!approval.asked) break;
            return fmt::format("{}: {}", asks_to_resolve(approval.row.escalation, approval.asked->asked_by),
                               line(approval.asked->text, reason_max));
    }
    return {};
}

void add_approval(blocks::Home& home, Approval const& approval) {
    auto const& escalation = approval.row.escalation;
    home += blocks::section(
        blocks::mrkdwn_text(fmt::format("{}\n{}", linked_headline(escalation, approval.row.card_permalink), request(approval))));
    std::vector<blocks::Element> buttons;
    if (approval.what == Approval::What::unconfirmed) {
        buttons = confirm_buttons(escalation);
    } else {
        auto const yes = approval.what == Approval::What::resolve ? rules::Verb::resolve : rules::Verb::approve;
        buttons.push_back(verb_button(yes, escalation, blocks::Style::primary));
        auto const no = approval.what == Approval::What::warranted ? rules::Verb::grade : rules::Verb::deny;
        buttons.push_back(verb_button(no, escalation));
    }
    buttons.push_back(more_button(escalation, "Open"));
    home += blocks::actions("", std::move(buttons));
}

void add_approvals(blocks::Home& home, HomePage const& page) {
    if (page.approvals.empty()) return;
    add_title(home, "Waiting for your word");
    auto const shown = std::min(page.approvals.size(), approvals_max);
    for (std::size_t i = 0; i < shown; ++i) add_approval(home, page.approvals[i]);
    auto const behind = page.approvals.size() - shown;
    if (page.more_approvals || behind > 0)
        home += blocks::context({blocks::mrkdwn_text(behind == 0           ? "and perhaps more"
                                                     : page.more_approvals ? fmt::format("and at least {} more", behind)
                                                                           : fmt::format("and {} more", behind))});
    home += blocks::divider();
}

blocks::Element filter_select(HomeState const& state) {
    blocks::Choice choice{.action_id = std::string{home_filter_action}, .placeholder = "What to show"};
    for (auto const& one : filters) choice.options.push_back({.text = std::string{one.label}, .value = std::string{one.name}});
    choice.initial_value = std::string{filter_name(state.filter)};
    return blocks::static_select(choice);
}

blocks::Element help_button() { return blocks::button({.action_id = std::string{help_action}, .text = "Help"}); }

blocks::Element turn(std::string_view action, std::string text, int to) {
    return blocks::button({.action_id = std::string{action}, .text = std::move(text), .value = fmt::format("{}", to)});
}

std::string metadata(HomeState const& state) {
    return json::serialize(json::object{{"filter", filter_name(state.filter)}, {"page", state.page}});
}

// 0 where nobody counts: what somebody raised.
std::int64_t pages_of(HomePage const& page) {
    constexpr auto rows = static_cast<std::int64_t>(rows_max);
    return (page.listed + rows - 1) / rows;
}

void add_list(blocks::Home& home, HomePage const& page, std::string_view title, std::string_view nothing) {
    add_title(home, title);
    auto const shown = std::min(page.rows.size(), rows_max);
    for (std::size_t i = 0; i < shown; ++i) add_row(home, page, page.rows[i]);
    if (page.rows.empty()) home += blocks::section(blocks::mrkdwn_text(nothing));
    std::vector<blocks::Element> turns;
    if (page.state.page > 1) turns.push_back(turn(home_previous_action, "Previous", page.state.page - 1));
    if (page.more) turns.push_back(turn(home_next_action, "Next", page.state.page + 1));
    if (turns.empty()) return;
    home += blocks::actions("", std::move(turns));
    auto const pages = pages_of(page);
    home += blocks::context({blocks::mrkdwn_text(pages >= page.state.page ? fmt::format("page {} of {}", page.state.page, pages)
                                                                          : fmt::format("page {}", page.state.page))});
}

}  // namespace

std::string_view filter_name(QueueFilter filter) { return entry(filter).name; }

std::optional<QueueFilter> parse_filter_name(std::string_view name) {
    auto const found = std::find_if(filters.begin(), filters.end(), [&](FilterName const& one) { return one.name == name; });
    if (found == filters.end()) return std::nullopt;
    return found->filter;
}

blocks::Home home(HomePage const& page) {
    blocks::Home home;
    home.private_metadata = metadata(page.state);
    home += blocks::header("Escalations");
    home += blocks::section(blocks::mrkdwn_text(fmt::format("{} · {}", counts_line(page.counts), as_of(page.now))));
    home += blocks::actions("filter", {filter_select(page.state), help_button()});
    add_approvals(home, page);
    add_list(home, page, fmt::format("{}{}", entry(page.state.filter).label, load_words(page.load)),
             nothing_here(page.state.filter));
    if (!page.unowned.empty()) {
        home += blocks::divider();
        add_title(home, entry(QueueFilter::unowned).label);
        auto const shown = std::min(page.unowned.size(), unowned_max);
        for (std::size_t i = 0; i < shown; ++i) add_row(home, page, page.unowned[i]);
        if (auto const more = page.counts.unowned - static_cast<std::int64_t>(shown); more > 0)
            home += blocks::context(
                {blocks::mrkdwn_text(fmt::format("and {} more: choose {} above", more, entry(QueueFilter::unowned).label))});
    }
    return home;
}

blocks::Home home_of_requester(Config const& config, HomePage const& page) {
    blocks::Home home;
    home.private_metadata = metadata(page.state);
    home += blocks::header("Escalations");
    home +=
        blocks::section(blocks::mrkdwn_text(fmt::format("Something is urgent and needs an owner? Type `{0}`, or pick *Escalate "
                                                        "message* from the menu of a message.",
                                                        config.slack.escalate_command)));
    home += blocks::actions("", {help_button()});
    add_list(home, page, "What you raised", "Nothing yet. What you raise is listed here, with where it stands.");
    home += blocks::context({blocks::mrkdwn_text(
        fmt::format("{}. The whole queue stands here for the people who work on escalations.", capitalized(as_of(page.now))))});
    return home;
}

blocks::Home home_of_outsider() {
    blocks::Home home;
    home += blocks::section(blocks::mrkdwn_text(
        "Escalations are kept by the people of the workspace you are a guest of. Please ask your contact there."));
    return home;
}

}  // namespace esc::views
