#include "handlers/rules/ownership.hpp"

#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/texts.hpp"
#include "handlers/rules/waiting.hpp"

#include <algorithm>

namespace esc::rules {
namespace {

namespace json = boost::json;

Error owned_by_another(Escalation const& escalation) {
    return refusal_error(Errc::conflict, refusal::owned,
                         "{} stays locked until it is resolved: talk to its owner, or to a manager.", escalation.id.key());
}

Result<void> may_own(Escalation const& escalation, Person const& to) {
    if (to.active && to.role >= Role::agent) return {};
    return refusal_error(Errc::invalid, refusal::target,
                         "The owner of {} must be an active agent, lead or manager: name another person.", escalation.id.key());
}

// First assignment by any route: locks, and stops the owner clock.
void give_to(Decision& decision, PersonId const& owner, Instant now) {
    auto& after = decision.after;
    after.owner = owner;
    after.owned_since = now;
    after.state = State::working;
    close_clock(decision, ClockKind::owner, now);
}

std::vector<PersonId> without(std::vector<PersonId> people, PersonId const& person) {
    std::erase(people, person);
    return people;
}

// Who can move what `owner` owns, apart from that owner: managers; where there are none, who can break the glass.
struct Movers {
    std::vector<PersonId> people{};
    bool managers = false;
};
Movers movers(Ladder const& ladder, PersonId const& owner) {
    if (auto managers = without(ladder.managers, owner); !managers.empty()) return {std::move(managers), true};
    if (auto admins = without(ladder.admins, owner); !admins.empty()) return {std::move(admins), false};
    return {without(ladder.leads, owner), false};
}

Result<void> may_take_over(Escalation const& escalation, Person const& to) {
    if (to.id == escalation.owner)
        return refusal_error(Errc::invalid, refusal::target, "That person owns {} already: name another one.",
                             escalation.id.key());
    return may_own(escalation, to);
}

// Why the accountable owner changes, in the words of who decided it.
struct Move {
    PersonId to{};
    std::string code{};
    std::string text{};
    bool break_glass = false;
    PersonId asked_by{};  // by the owner, or by a manager who needs another one's word; empty: by nobody
    bool team_hop = false;
};

// Both are of some team, and of none together.
bool crosses_teams(Person const& from, Person const& to) {
    if (from.team_roles.empty() || to.team_roles.empty()) return false;
    return std::none_of(from.team_roles.begin(), from.team_roles.end(), [&](TeamRole const& one) {
        return std::any_of(to.team_roles.begin(), to.team_roles.end(),
                           [&](TeamRole const& other) { return other.team == one.team; });
    });
}

// The next move is one too many for one manager's word.
bool needs_second_approver(Escalation const& before, Config const& config) {
    return config.ownership.second_approver && before.hops + 1 >= bounced_from;
}

// The only way of an owned escalation to another owner. What belonged to the old one ends with it: the request, the acting
// owner, the absence, and an acceptance that never came.
Decision moved(Escalation const& before, Move const& move, Config const& config, Ladder const& ladder, By const& by) {
    auto decision = decide(before);
    auto& after = decision.after;
    auto const from = before.owner;
    after.owner = move.to;
    after.owned_since = by.now;
    after.accepted_at.reset();
    ++after.hops;
    if (move.team_hop) ++after.details.team_hops;
    bool const own_request = !move.asked_by.empty() && move.asked_by == from;
    bool const others_request = !move.asked_by.empty() && move.asked_by != from;
    after.details.transfer.reset();
    after.details.coverage.reset();
    after.details.unavailable.reset();
    cancel_clock(decision, ClockKind::acceptance, by.now);
    auto const& targets = config.targets(before.severity);
    if (move.to == by.actor.id)
        after.accepted_at = by.now;
    else
        start_clock_at(decision, ClockKind::acceptance, by.now, targets.owner, targets.at_risk);
    decision.events.push_back(event_of(EventType::overridden, by,
                                       {{"from", from.value},
                                        {"owner", move.to.value},
                                        {"code", move.code},
                                        {"asked_for", !move.asked_by.empty()},
                                        {"asked_by", move.asked_by.value},
                                        {"team_hop", move.team_hop},
                                        {"break_glass", move.break_glass},
                                        {"hops", after.hops},
                                        {"version", after.version + 1},
                                        {"clocks", closed_facts(decision)}},
                                       move.text));

    std::vector<PersonId> const people{by.actor.id, from, move.to, move.asked_by};
    tell(decision, occasion("yours", decision), {move.to},
         {"{0} moved it from {1} to you: accept it, or tell a manager that it cannot be you.", people, move.text}, {"accept"},
         by);
    tell(decision, occasion("moved", decision), {from},
         {own_request      ? "{0} approved your transfer: {2} owns it now."
          : others_request ? "{3} moved it to {2}, and {0} agreed: you do not own it any more."
                           : "{0} moved it to {2}: you do not own it any more.",
          people, own_request ? std::string{} : move.text},
         {}, by);
    if (others_request)
        tell(decision, occasion("agreed", decision), {move.asked_by},
             {"{0} agreed: {2} owns it now, {1} does not any more.", people, {}}, {}, by);
    if (auto const& coverage = before.details.coverage; coverage && coverage->acting != move.to)
        tell(decision, occasion("covered", decision), {coverage->acting},
             {"{0} moved it from {1} to {2}: you do not act for its owner any more.", people, {}}, {}, by);
    if (move.break_glass)
        tell(decision, occasion("glass", decision), managers_or_next(ladder),
             {"{0} broke the glass, since no manager could be reached, and moved it from {1} to {2}.", people, move.text},
             {"override"}, by);
    if (after.hops >= bounced_from)
        tell(decision, occasion("bounced", decision), leads_and_managers(ladder),
             {fmt::format("It bounces: its owner has changed {} times. {{0}} moved it from {{1}} to {{2}}.", after.hops), people,
              move.text},
             {"show"}, by);
    say_in_thread(decision,
                  {move.break_glass ? "{0} broke the glass and moved it from {1} to {2}." : "{0} moved it from {1} to {2}.",
                   people, move.text},
                  by.now);
    return ended(std::move(decision), by);
}

Result<void> transfer_waits(Escalation const& before) {
    if (before.details.transfer) return {};
    return refusal_error(Errc::conflict, refusal::nothing, "No transfer of {} waits for a decision.", before.id.key());
}

// Asked of the transfer alone: a severity that waits as well is decided by others.
Result<void> may_decide_transfer(Verb verb, Escalation const& before, By const& by) {
    auto alone = before;
    alone.details.severity_request.reset();
    alone.details.unconfirmed_since.reset();
    ESC_CHECK(may(verb, alone, by));
    return transfer_waits(before);
}

// Whom a request is for: it is decided by managers, but not by who asked.
Movers deciders(Escalation const& escalation, Ladder const& ladder) {
    auto const& transfer = *escalation.details.transfer;
    return transfer.code.empty() ? movers(ladder, escalation.owner) : Movers{without(ladder.managers, transfer.by), true};
}

// {t0} is when the request expires.
void tell_of_transfer(Decision& decision, std::string_view what, std::string sentence, Ladder const& ladder, By const& by) {
    auto const& transfer = *decision.after.details.transfer;
    auto const who = deciders(decision.after, ladder);
    if (!who.managers) sentence += " No manager is known: an admin or lead can break the glass.";
    tell(decision, occasion(asked_at(what, transfer.at), decision), who.people,
         {std::move(sentence), {transfer.by, transfer.to, decision.after.owner}, transfer.reason, {transfer.expires_at}},
         who.managers ? std::vector<std::string>{"approve", "deny"} : std::vector<std::string>{"override"}, by);
}

// While somebody acts for an owner who is away, nobody needs to be woken every hour.
Instant next_alert(Details const& details, Instant now) {
    auto const again = now + unavailable_again;
    return details.coverage && !details.unavailable->deactivated ? std::max(again, details.coverage->until) : again;
}

void tell_of_absence(Decision& decision, Ladder const& ladder, By const& by) {
    auto const& after = decision.after;
    auto const& absence = *after.details.unavailable;
    Said said{absence.deactivated ? "{0}, who owns it, is deactivated or a guest."
              : absence.until     ? "{0}, who owns it, is away until {t0}."
                                  : "{0}, who owns it, is away.",
              {after.owner},
              {},
              {absence.until.value_or(Instant{})}};
    if (auto const& coverage = after.details.coverage; coverage && coverage->until > by.now) {
        said.sentence += " {1} acts until {t1}.";
        said.people.push_back(coverage->acting);
        said.moments.push_back(coverage->until);
    } else {
        said.sentence += " It stays theirs: name an acting owner, or move it.";
    }
    tell(decision, occasion("unavailable", decision), movers(ladder, after.owner).people, said, {"override", "cover"}, by);
}

TransferRequest asked_now(PersonId to, std::string code, std::string reason, Config const& config, By const& by) {
    auto const expiry = config.service.transfer_expiry;
    return {.by = by.actor.id,
            .to = std::move(to),
            .reason = std::move(reason),
            .at = by.now,
            .remind_at = by.now + expiry / 2,
            .expires_at = by.now + expiry,
            .code = std::move(code)};
}

// One at a time: it takes the place of what was asked for before.
void ask_managers(Decision& decision, TransferRequest asked, std::string sentence, Ladder const& ladder, By const& by) {
    auto& after = decision.after;
    auto const replaced = std::exchange(after.details.transfer, asked);
    json::object data{{"owner", after.owner.value},
                      {"to", asked.to.value},
                      {"expires_us", to_us(asked.expires_at)},
                      {"replaces", replaced.has_value()},
                      {"version", after.version + 1}};
    if (!asked.code.empty()) data["code"] = asked.code;
    decision.events.push_back(event_of(EventType::transfer_requested, by, data, asked.reason));
    tell_of_transfer(decision, "transfer", std::move(sentence), ladder, by);
    if (replaced && replaced->by != asked.by)
        tell(decision, occasion("replaced", decision), {replaced->by},
             {"{0} asks for another owner now, which takes the place of what you asked for.", {asked.by}, asked.reason}, {}, by);
}

}  // namespace

Result<Decision> claim(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::claim, before, by));
    if (before.owned() && !is_owner(before, by.actor)) return owned_by_another(before);
    if (before.owned() && before.accepted_at)
        return refusal_error(Errc::conflict, refusal::yours, "{} is yours already.", before.id.key());
    if (before.owned()) return accept(before, by);

    auto decision = decide(before);
    give_to(decision, by.actor.id, by.now);
    decision.after.accepted_at = by.now;
    decision.events.push_back(
        event_of(EventType::claimed, by, {{"owner", by.actor.id.value}, {"clocks", closed_facts(decision)}}));
    return ended(std::move(decision), by);
}

Result<Decision> accept(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::accept, before, by));
    bool const own_to_accept = is_responsible(before, by.actor, by.now) && !before.accepted_at;
    if (before.state == State::waiting_engineering && !own_to_accept) return engineering_accept(before, by);
    if (!is_responsible(before, by.actor, by.now)) return owned_by_another(before);
    if (before.accepted_at)
        return is_owner(before, by.actor)
                   ? refusal_error(Errc::conflict, refusal::yours, "{} is yours already.", before.id.key())
                   : refusal_error(Errc::conflict, refusal::nothing, "{} is accepted already.", before.id.key());
    auto decision = decide(before);
    accept_by_acting(decision, by);
    decision.events.push_back(
        event_of(EventType::accepted, by, {{"owner", before.owner.value}, {"clocks", closed_facts(decision)}}));
    if (!is_owner(before, by.actor))
        tell(decision, occasion("accepted", decision), {before.owner},
             {"{0}, who acts for you, accepted it. You stay its owner.", {by.actor.id}, {}}, {"show"}, by);
    return ended(std::move(decision), by);
}

Result<void> may_assign(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::assign, before, by));
    if (before.owned()) return owned_by_another(before);
    return {};
}

Result<Decision> assign(Escalation const& before, Person const& to, Config const& config, By const& by) {
    ESC_CHECK(may_assign(before, by));
    ESC_CHECK(may_own(before, to));

    auto decision = decide(before);
    give_to(decision, to.id, by.now);
    auto const& targets = config.targets(before.severity);
    if (to.id == by.actor.id)
        decision.after.accepted_at = by.now;
    else
        start_clock_at(decision, ClockKind::acceptance, by.now, targets.owner, targets.at_risk);
    tell(decision, "assigned", {to.id},
         {"{0} assigned it to you: accept it, or tell a manager that it cannot be you.", {by.actor.id}, {}}, {"accept"}, by);
    decision.events.push_back(event_of(EventType::assigned, by, {{"owner", to.id.value}, {"clocks", closed_facts(decision)}}));
    return ended(std::move(decision), by);
}

Result<Decision> request_transfer(Escalation const& before, Person const* to, std::string const& reason, Config const& config,
                                  Ladder const& ladder, By const& by) {
    ESC_CHECK(may(Verb::transfer, before, by));
    if (to != nullptr) ESC_CHECK(may_take_over(before, *to));
    ESC_CHECK(needs_text(reason, fmt::format("Say why {} needs another owner: the managers decide by it.", before.id.key())));

    auto decision = decide(before);
    ask_managers(decision, asked_now(to != nullptr ? to->id : PersonId{}, {}, reason, config, by),
                 to != nullptr ? "{0} asks to transfer it to {1}, and stays its owner until a manager decides."
                               : "{0} asks managers for another owner, and stays its owner until then.",
                 ladder, by);
    return ended(std::move(decision), by);
}

namespace {

// A manager's move that another manager must agree to.
Result<Decision> ask_second(Escalation const& before, OverrideRequest const& request, Config const& config, Ladder const& ladder,
                            By const& by) {
    if (without(ladder.managers, by.actor.id).empty())
        return refusal_error(Errc::conflict, refusal::guard,
                             "{} has moved before: another manager must agree to the next move, and no other one is known. An "
                             "admin can name one in the configuration, or take ownership.second_approver out of it.",
                             before.id.key());
    auto decision = decide(before);
    ask_managers(decision, asked_now(request.to.id, request.code, request.text, config, by),
                 "{0} wants to move it from {2} to {1}. It has moved before: another manager must agree.", ladder, by);
    say_in_thread(
        decision,
        {"{0} asks another manager to move it from {2} to {1}.", {by.actor.id, request.to.id, before.owner}, request.text},
        by.now);
    return ended(std::move(decision), by);
}

}  // namespace

Result<Decision> approve_transfer(Escalation const& before, Person const* to, Config const& config, Ladder const& ladder,
                                  By const& by, Person const* from) {
    ESC_CHECK(may_decide_transfer(Verb::approve, before, by));
    if (to == nullptr)
        return refusal_error(Errc::invalid, refusal::target, "Name the new owner: approve {} @user.", before.id.number);
    ESC_CHECK(may_take_over(before, *to));
    auto const& asked = *before.details.transfer;
    if (asked.by == by.actor.id && needs_second_approver(before, config))
        return refusal_error(Errc::forbidden, refusal::role,
                             "{} has moved before, and you asked for this move: another manager must agree. Ask one of them.",
                             before.id.key());
    if (!asked.code.empty() && to->id != asked.to)
        return refusal_error(Errc::invalid, refusal::target,
                             "A manager wants to move {} to somebody else: agree to that one, or deny it and say why.",
                             before.id.key());
    return moved(before,
                 {.to = to->id,
                  .code = asked.code.empty() ? "transfer" : asked.code,
                  .text = asked.reason,
                  .asked_by = asked.by,
                  .team_hop = from != nullptr && crosses_teams(*from, *to)},
                 config, ladder, by);
}

Result<Decision> deny_transfer(Escalation const& before, std::string const& reason, By const& by) {
    ESC_CHECK(may_decide_transfer(Verb::deny, before, by));
    ESC_CHECK(needs_text(reason, fmt::format("Say why {} stays where it is: its owner is told.", before.id.key())));
    auto decision = decide(before);
    auto const transfer = *std::exchange(decision.after.details.transfer, std::nullopt);
    decision.events.push_back(
        event_of(EventType::transfer_denied, by,
                 {{"owner", before.owner.value}, {"asked_by", transfer.by.value}, {"to", transfer.to.value}}, reason));
    tell(
        decision, occasion("denied", decision), {transfer.by},
        {transfer.code.empty() ? "{0} denied the transfer: it stays yours." : "{0} did not agree to the move: it stays with {1}.",
         {by.actor.id, before.owner},
         reason},
        {}, by);
    return ended(std::move(decision), by);
}

Result<Decision> override_owner(Escalation const& before, OverrideRequest const& request, Config const& config,
                                Ladder const& ladder, By const& by) {
    ESC_CHECK(may(Verb::override_owner, before, by));
    auto const break_glass = by.actor.role < Role::manager;
    if (break_glass && !request.break_glass)
        return refusal_error(Errc::forbidden, refusal::role,
                             "Managers can move {0}, or its owner can ask them for a transfer. If no manager can be reached, "
                             "break the glass: override {1} @user break-glass and why.",
                             before.id.key(), before.id.number);
    ESC_CHECK(may_take_over(before, request.to));
    auto const known = std::any_of(owner_reasons.begin(), owner_reasons.end(),
                                   [&](ReasonCode const& reason) { return reason.code == request.code; });
    if (!known) {
        std::string codes;
        for (auto const& reason : owner_reasons) codes += (codes.empty() ? "" : ", ") + std::string{reason.code};
        return refusal_error(Errc::invalid, refusal::guard, "There is no such reason. The reasons are: {}.", codes);
    }
    if (visible_characters(request.text) < override_text_min)
        return refusal_error(Errc::invalid, refusal::text,
                             "Say in at least {} characters why {} moves: both owners and the audit read it.", override_text_min,
                             before.id.key());
    ESC_CHECK(fits_limit(request.text));
    if (!break_glass && needs_second_approver(before, config)) return ask_second(before, request, config, ladder, by);
    return moved(before,
                 {.to = request.to.id,
                  .code = request.code,
                  .text = request.text,
                  .break_glass = break_glass,
                  .team_hop = request.from && crosses_teams(*request.from, request.to)},
                 config, ladder, by);
}

Decision remind_transfer(Escalation const& before, Ladder const& ladder, By const& by) {
    auto decision = decide(before);
    auto& transfer = *decision.after.details.transfer;
    transfer.remind_at = transfer.expires_at;  // once
    decision.events.push_back(event_of(EventType::reminded, by, {{"of", "transfer"}, {"owner", before.owner.value}}));
    std::string const what = !transfer.code.empty() ? "{0} still waits for another manager to agree to {1} as its owner"
                             : transfer.to.empty()  ? "{0} still waits for another owner"
                                                    : "{0} still waits for a transfer to {1}";
    tell_of_transfer(decision, "transfer_reminder", what + ", and {2} owns it until then. The request expires {t0}.", ladder, by);
    return ended(std::move(decision), by);
}

Decision expire_transfer(Escalation const& before, Ladder const& ladder, By const& by) {
    auto decision = decide(before);
    auto const transfer = *std::exchange(decision.after.details.transfer, std::nullopt);
    decision.events.push_back(
        event_of(EventType::transfer_expired, by,
                 {{"owner", before.owner.value}, {"asked_by", transfer.by.value}, {"to", transfer.to.value}}));
    auto const by_owner = transfer.code.empty();
    tell(decision, occasion("expired", decision), {transfer.by},
         {by_owner ? "No manager decided about your transfer in time: it is still yours. You can ask again."
                   : "No other manager agreed to your move in time: {0} is still its owner. You can ask again.",
          {before.owner},
          {}},
         {by_owner ? "transfer" : "override"}, by);
    tell(decision, occasion("expired", decision), deciders(before, ladder).people,
         {"The transfer that {0} asked for has expired without a decision: {1} is still its owner.",
          {transfer.by, before.owner},
          transfer.reason},
         {"override"}, by);
    return ended(std::move(decision), by);
}

bool only_hands_back(Escalation const& escalation, By const& by) {
    return is_acting_owner(escalation, by.actor, by.now) && !is_owner(escalation, by.actor) && by.actor.role < Role::lead;
}

Result<Decision> cover(Escalation const& before, Person const& acting, Instant until, By const& by) {
    ESC_CHECK(may(Verb::cover, before, by));
    if (only_hands_back(before, by))
        return refusal_error(
            Errc::forbidden, refusal::role,
            "You act for the owner of {0} and can hand it back: cover {1} off. Only its owner, leads and managers "
            "can name somebody else or another time.",
            before.id.key(), before.id.number);
    if (acting.id == before.owner)
        return refusal_error(Errc::invalid, refusal::target, "That person owns {}: name somebody who acts meanwhile.",
                             before.id.key());
    if (!acting.active || acting.role < Role::agent)
        return refusal_error(Errc::invalid, refusal::target,
                             "Who acts for the owner of {} must be an active agent, lead or manager: name another person.",
                             before.id.key());
    if (until <= by.now) return refusal_error(Errc::invalid, refusal::guard, "Until when? That time is over already.");
    if (until > by.now + coverage_max)
        return refusal_error(Errc::invalid, refusal::guard,
                             "Somebody can act for at most {} days. For longer, ask for a transfer of {}.",
                             std::chrono::duration_cast<std::chrono::days>(coverage_max).count(), before.id.key());

    auto decision = decide(before);
    auto& details = decision.after.details;
    details.coverage = {.acting = acting.id, .by = by.actor.id, .from = by.now, .until = until};
    if (details.unavailable) details.unavailable->next_alert_at = next_alert(details, by.now);
    decision.events.push_back(event_of(EventType::coverage_started, by,
                                       {{"owner", before.owner.value}, {"acting", acting.id.value}, {"until_us", to_us(until)}}));
    std::vector<PersonId> const people{by.actor.id, acting.id, before.owner};
    tell(decision, occasion("acting", decision), {acting.id},
         {"{0} made you its acting owner until {t0}: its alerts come to you, {2} stays accountable.", people, {}, {until}},
         {"accept", "next", "cover", "show"}, by);
    tell(decision, occasion("acted_for", decision), {before.owner},
         {"{0} made {1} its acting owner until {t0}. You stay accountable; its alerts come back to you then.",
          people,
          {},
          {until}},
         {}, by);
    if (auto const& replaced = before.details.coverage; replaced && replaced->acting != acting.id)
        tell(decision, occasion("covered", decision), {replaced->acting},
             {"{0} made {1} its acting owner: you do not act for {2} any more.", people, {}}, {}, by);
    say_in_thread(decision, {"{1} acts for {2} until {t0}.", people, {}, {until}}, by.now);
    return ended(std::move(decision), by);
}

Result<Decision> end_coverage(Escalation const& before, By const& by) {
    auto const& coverage = before.details.coverage;
    auto const by_itself = by.actor.id.empty();
    if (!by_itself) ESC_CHECK(may(Verb::cover, before, by));
    if (!coverage) return refusal_error(Errc::conflict, refusal::nothing, "Nobody acts for the owner of {}.", before.id.key());
    auto decision = decide(before);
    auto& details = decision.after.details;
    details.coverage.reset();
    if (details.unavailable)
        details.unavailable->next_alert_at = std::min(details.unavailable->next_alert_at, next_alert(details, by.now));
    decision.events.push_back(
        event_of(EventType::coverage_ended, by,
                 {{"owner", before.owner.value}, {"acting", coverage->acting.value}, {"early", !by_itself}}));
    std::vector<PersonId> const people{coverage->acting, before.owner};
    tell(decision, occasion("covered", decision), {coverage->acting},
         {"You do not act for {1} any more: its alerts go to {1} again.", people, {}}, {}, by);
    tell(decision, occasion("acted_for", decision), {before.owner},
         {"{0} does not act for you any more: its alerts come to you again.", people, {}}, {"show"}, by);
    say_in_thread(decision, {"{0} does not act for {1} any more.", people, {}}, by.now);
    return ended(std::move(decision), by);
}

std::optional<Decision> owner_gone(Escalation const& before, Absence const& absence, Ladder const& ladder, By const& by) {
    if (!is_active(before.state) || !before.owned()) return std::nullopt;
    if (!absence.deactivated && (!absence.until || *absence.until <= by.now)) return std::nullopt;
    auto const& known = before.details.unavailable;
    auto const until = absence.deactivated ? std::nullopt : absence.until;
    if (known && (known->deactivated || (!absence.deactivated && known->until == until))) return std::nullopt;

    auto decision = decide(before);
    auto& unavailable = decision.after.details.unavailable;
    unavailable = {.since = known ? known->since : by.now,
                   .next_alert_at = known ? known->next_alert_at : by.now,
                   .deactivated = absence.deactivated,
                   .until = until};
    json::object data{{"owner", before.owner.value}, {"deactivated", absence.deactivated}};
    if (until) data["until_us"] = to_us(*until);
    decision.events.push_back(event_of(EventType::owner_unavailable, by, data));
    if (!known || absence.deactivated) {
        tell_of_absence(decision, ladder, by);
        unavailable->next_alert_at = next_alert(decision.after.details, by.now);
    }
    return ended(std::move(decision), by);
}

Decision remind_owner_gone(Escalation const& before, Ladder const& ladder, By const& by) {
    auto decision = decide(before);
    auto& details = decision.after.details;
    details.unavailable->next_alert_at = next_alert(details, by.now);
    decision.events.push_back(event_of(EventType::reminded, by, {{"of", "owner_unavailable"}, {"owner", before.owner.value}}));
    tell_of_absence(decision, ladder, by);
    return ended(std::move(decision), by);
}

std::optional<Decision> owner_back(Escalation const& before, By const& by) {
    if (!before.details.unavailable) return std::nullopt;
    auto decision = decide(before);
    decision.after.details.unavailable.reset();
    decision.events.push_back(event_of(EventType::owner_back, by, {{"owner", before.owner.value}}));
    return ended(std::move(decision), by);
}

LedgerEvent refused(EventType type, Escalation const& before, Error const& why, By const& by) {
    return event_of(type, by, {{"version", before.version}, {"reason", why.cause}, {"owner", before.owner.value}});
}

}  // namespace esc::rules
