// The App Home: the live queue of one person. Opened, filtered and paged, it is always built anew from what it showed last.
#include "handlers/views/home.hpp"

#include "handlers/answers.hpp"
#include "handlers/asked.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/outbox_items.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace esc::handlers {
namespace {

using views::Approval;
using views::HomeState;

constexpr int page_rows = 20;
constexpr int pages_max = 1000;
constexpr int unowned_rows = 5;
constexpr int approvals_looked_at = 100;

// In any team: what the Home is built for. What may be done with one escalation is asked with its team.
Role highest_role(Person const& person) {
    auto role = person.role;
    for (auto const& one : person.team_roles) role = std::max(role, one.role);
    return role;
}

HomeState first_state(Role role) { return {.filter = role >= Role::lead ? QueueFilter::open : QueueFilter::mine}; }

// What cannot be read, from an older version perhaps, is as if it had not been said.
HomeState read_state(std::string_view metadata, HomeState state) {
    boost::system::error_code error;
    auto const value = boost::json::parse(metadata, error);
    if (error || !value.is_object()) return state;
    if (auto const* filter = value.get_object().if_contains("filter"); filter != nullptr && filter->is_string())
        state.filter = views::parse_filter_name(filter->get_string()).value_or(state.filter);
    if (auto const* page = value.get_object().if_contains("page"); page != nullptr && page->is_int64())
        state.page = static_cast<int>(std::clamp<std::int64_t>(page->get_int64(), 1, pages_max));
    return state;
}

views::QueueRow with_card(Escalation escalation, Snapshot const& snapshot) {
    auto card = snapshot.surface(rules::card_key(escalation.id));
    return {std::move(escalation), card ? std::move(card->permalink) : std::string{}};
}

// Of what is over the level alone waits: it comes last.
void add_approvals(views::HomePage& page, Snapshot const& snapshot) {
    auto const& viewer = page.viewer;
    auto& found = page.approvals;
    // One more than is looked at tells whether that is all.
    auto const looked_at = [&](std::vector<Escalation> waiting) {
        if (std::ssize(waiting) <= approvals_looked_at) return waiting;
        page.more_approvals = true;
        waiting.pop_back();
        return waiting;
    };
    for (auto const& escalation : looked_at(snapshot.pending_approvals(approvals_looked_at + 1))) {
        auto const role = viewer.in(escalation.team);
        auto const& details = escalation.details;
        auto const add = [&](Approval::What what) { found.push_back({what, with_card(escalation, snapshot), {}}); };
        // Who moves it cannot be the other manager who agrees.
        bool const own = details.transfer && !details.transfer->code.empty() && details.transfer->by == viewer.id;
        if (details.transfer && !own && role >= Role::manager) add(Approval::What::transfer);
        if (details.severity_request && role >= Role::lead) add(Approval::What::severity);
        if (details.unconfirmed_since && role >= Role::lead) add(Approval::What::unconfirmed);
        if (rules::offered(rules::Verb::grade, escalation, {viewer.seen_by(escalation.team), page.now, {}}))
            add(Approval::What::warranted);
    }
    // Only a SEV1 needs the word of another one than who acts for its owner.
    QueueQuery const sev1{
        .filter = QueueFilter::open, .severity = Severity::sev1, .now = page.now, .limit = approvals_looked_at + 1};
    for (auto const& escalation : looked_at(snapshot.queue(sev1)))
        if (auto asked = waits_to_be_resolved(escalation, snapshot);
            asked && rules::has_the_last_word(escalation, {viewer.seen_by(escalation.team), {}, {}}))
            found.push_back({Approval::What::resolve, with_card(escalation, snapshot), std::move(asked)});
    std::stable_partition(found.begin(), found.end(), [](Approval const& one) { return one.row.escalation.open(); });
}

Outcome shown(slack::blocks::Home home) {
    Outcome outcome;
    outcome.home = std::move(home);
    return outcome;
}

// One more than fits tells whether there is a next page.
void fill(views::HomePage& page, std::vector<Escalation> found, Snapshot const& snapshot) {
    for (auto& escalation : found) {
        page.more = page.rows.size() == page_rows;
        if (!page.more) page.rows.push_back(with_card(std::move(escalation), snapshot));
    }
}

// What somebody who does not work on escalations has raised.
Query raised(int page_number, Env const& env) {
    return [page_number, viewer = env.actor, now = env.now, config = env.config](Snapshot const& snapshot) {
        views::HomePage page{.viewer = viewer, .state = {.filter = QueueFilter::mine, .page = page_number}, .now = now};
        fill(page, snapshot.raised_by(viewer.id, page_rows + 1, (page_number - 1) * page_rows), snapshot);
        if (page.rows.empty() && page_number > 1) {  // gone by now
            page.state.page = 1;
            fill(page, snapshot.raised_by(viewer.id, page_rows + 1, 0), snapshot);
        }
        return shown(views::home_of_requester(*config, page));
    };
}

std::int64_t listed(QueueFilter filter, views::HomePage const& page) {
    switch (filter) {
        case QueueFilter::mine:
            return page.load.owns + page.load.covers;
        case QueueFilter::open:
            return page.counts.open;
        case QueueFilter::unowned:
            return page.counts.unowned;
        case QueueFilter::at_risk:
            return page.counts.at_risk;
        case QueueFilter::breached:
            return page.counts.breached;
        case QueueFilter::waiting:
            return page.counts.waiting;
    }
    return 0;
}

Query query(HomeState const& state, Env const& env) {
    return [state, viewer = env.actor, now = env.now](Snapshot const& snapshot) {
        views::HomePage page{.viewer = viewer, .state = state, .now = now, .counts = snapshot.queue_counts()};
        add_approvals(page, snapshot);
        if (state.filter == QueueFilter::mine) page.load = snapshot.load(viewer.id);
        page.listed = listed(state.filter, page);
        auto const fill_page = [&] {
            QueueQuery asked{.filter = state.filter, .person = viewer.id, .now = now, .limit = page_rows + 1};
            asked.offset = (page.state.page - 1) * page_rows;
            fill(page, snapshot.queue(asked), snapshot);
        };
        fill_page();
        if (page.rows.empty() && state.page > 1) {  // gone by now
            page.state.page = std::max(1, static_cast<int>((page.listed + page_rows - 1) / page_rows));
            fill_page();
        }
        if (state.filter == QueueFilter::mine && page.state.page == 1)
            for (auto& escalation : snapshot.queue({.filter = QueueFilter::unowned, .now = now, .limit = unowned_rows}))
                page.unowned.push_back(with_card(std::move(escalation), snapshot));
        return shown(views::home(page));
    };
}

// The queue is for those who work on it.
Plan plan(HomeState const& state, Env const& env) {
    auto const role = highest_role(env.actor);
    if (role < Role::requester) return Plan{shown(views::home_of_outsider())};
    if (role < Role::agent) return Plan{raised(state.page, env)};
    return Plan{query(state, env)};
}

Result<Plan> by_opening(slack::AppHomeOpened const& in, Env const& env) {
    if (in.tab != "home") return Plan{Nothing{}};
    return plan(read_state(in.private_metadata, first_state(highest_role(env.actor))), env);
}

Result<Plan> by_filter(slack::BlockAction const& in, Env const& env) {
    auto state = first_state(highest_role(env.actor));
    state.filter = views::parse_filter_name(in.value).value_or(state.filter);
    return plan(state, env);
}

Result<Plan> by_page(slack::BlockAction const& in, Env const& env) {
    auto state = read_state(in.view_private_metadata, first_state(highest_role(env.actor)));
    int page = 1;
    auto const* const end = in.value.data() + in.value.size();
    auto const [stopped, error] = std::from_chars(in.value.data(), end, page);
    state.page = error == std::errc{} && stopped == end ? std::clamp(page, 1, pages_max) : 1;
    return plan(state, env);
}

}  // namespace

void register_home(Router& router) {
    router.event(Router::EventHandler<slack::AppHomeOpened>{by_opening});
    router.action(std::string{views::home_filter_action}, by_filter);
    router.action(std::string{views::home_next_action}, by_page);
    router.action(std::string{views::home_previous_action}, by_page);
}

}  // namespace esc::handlers
