// Waiting on the customer, a vendor or engineering: a first form asks on whom and why, a second one what a vendor or
// engineering needs. Typed, the customer's needs no form.
#include "bot/base/words.hpp"
#include "bot/base/zone.hpp"
#include "handlers/owners.hpp"
#include "handlers/rules/texts.hpp"
#include "handlers/rules/waiting.hpp"
#include "handlers/views/states.hpp"

#include <array>
#include <charconv>

namespace esc::handlers {
namespace {

constexpr std::chrono::hours review_suggested{24};
constexpr std::string_view until_word = "until";

struct Whom {
    std::string_view word;
    State state;
};
constexpr std::array whom{Whom{"customer", State::waiting_customer}, Whom{"vendor", State::waiting_vendor},
                          Whom{"engineering", State::waiting_engineering}};

std::optional<State> state_of(std::string_view word) {
    for (auto const& one : whom)
        if (one.word == word) return one.state;
    return std::nullopt;
}

Act wait(CardRef const& ref, rules::WaitRequest request, Env const& env) {
    return {
        .ref = ref,
        .rule = [request = std::move(request), config = env.config](Escalation const& before, rules::By const& by, Tx const&) {
            return rules::wait(before, request, *config, by);
        }};
}

Act wait_longer(CardRef const& ref, Instant until, std::string reason) {
    return {.ref = ref, .rule = [until, reason = std::move(reason)](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::wait_longer(before, until, reason, by);
            }};
}

Query longer_form(EscalationId id, Instant until, Env const& env) {
    return open_form(
        rules::Verb::wait, id,
        [until](Escalation const& escalation, rules::By const&, Snapshot const&) {
            return views::wait_longer_modal(escalation, until);
        },
        env);
}

// `on`: whom it is to wait for, where that was said.
Query first_form(EscalationId id, std::optional<State> on, Env const& env) {
    return open_form(
        [on](Escalation const& escalation, rules::By const& by) {
            return on ? rules::may_wait(escalation, *on, by) : rules::may(rules::Verb::wait, escalation, by);
        },
        id,
        [](Escalation const& escalation, rules::By const& by, Snapshot const&) {
            auto const& waiting = escalation.details.waiting;
            if (!is_waiting(escalation.state) || !waiting) return views::wait_modal(escalation, by);
            auto const later = waiting->until.value_or(by.now) + review_suggested;
            return views::wait_longer_modal(escalation, std::chrono::ceil<std::chrono::hours>(later));
        },
        env);
}

// What a vendor or engineering needs besides the reason. `block`: where a refusal stands in the form before; empty: typed.
Query next_form(EscalationId id, State on, std::string reason, std::optional<Instant> until, std::string block, Env const& env) {
    return look(
        id,
        [on, reason = std::move(reason), until, block = std::move(block), cap = env.config->service.pause_cap](
            Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
            if (auto const may = rules::may_wait(escalation, on, by); !may)
                return block.empty() ? refuse(escalation, may.error(), snapshot)
                                     : refuse_in_view(block, may.error().message, reason);
            Outcome outcome;
            auto const review_at = until.value_or(by.now + std::min<Duration>(review_suggested, cap));
            outcome.open_modal = on == State::waiting_vendor ? views::wait_vendor_modal(escalation, reason, review_at)
                                                             : views::wait_engineering_modal(escalation, reason);
            return outcome;
        },
        env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{first_form(ref.id, {}, env)};
}

std::optional<Instant> moment(std::string_view seconds) {
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
    constexpr std::int64_t far_away = 100'000'000'000;
    if (error != std::errc{} || end != seconds.data() + seconds.size() || value < 0 || value > far_away) return std::nullopt;
    return Instant{std::chrono::seconds{value}};
}

std::optional<Outcome> missing(slack::ViewState const& state, std::string_view block, std::string sentence) {
    if (rules::can_be_read(state.get(block))) return std::nullopt;
    return refuse_in_view(block, std::move(sentence));
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    if (auto refused = missing(in.state, "reason", "Say what it waits for.")) return Plan{*refused};
    auto const on = state_of(in.state.get("on"));
    if (!on) return Plan{refuse_in_view("on", "Choose whom it waits for.")};
    auto reason = std::string{trimmed(in.state.get("reason"))};
    if (*on != State::waiting_customer)
        return Plan{next_form(ref.id, *on, std::move(reason), moment(in.state.get("review_at")), "on", env)};
    rules::WaitRequest request;
    request.reason = reason;
    request.asked = in.state.get("asked") == "yes";
    request.review_at = moment(in.state.get("review_at"));
    // Both are guards: the one that can be wrong in more ways shows it.
    auto const guarded = request.review_at && request.asked ? "review_at" : "asked";
    auto submitted = wait(ref, std::move(request), env);
    submitted.inputs = {{rules::refusal::text, "reason"}, {rules::refusal::guard, guarded}};
    submitted.written = std::move(reason);
    return Plan{act(std::move(submitted), env)};
}

Result<Plan> by_vendor_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    if (auto refused = missing(in.state, "reason", "Say what it waits for.")) return Plan{*refused};
    if (auto refused = missing(in.state, "reference", "Say their reference.")) return Plan{*refused};
    rules::WaitRequest request;
    request.on = State::waiting_vendor;
    request.reason = trimmed(in.state.get("reason"));
    request.reference = slack::blocks::one_line(trimmed(in.state.get("reference")));
    request.review_at = moment(in.state.get("review_at"));
    auto written = fmt::format("{}\n{}", request.reason, request.reference);
    auto submitted = wait(ref, std::move(request), env);
    submitted.inputs = {{rules::refusal::text, "reference"}, {rules::refusal::guard, "review_at"}};
    submitted.written = std::move(written);
    return Plan{act(std::move(submitted), env)};
}

Result<Plan> by_longer_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const until = moment(in.state.get("until"));
    if (!until) return Plan{refuse_in_view("until", "Choose until when.")};
    std::string const reason{trimmed(in.state.get("reason"))};
    auto submitted = wait_longer(ref, *until, reason);
    submitted.inputs = {{rules::refusal::text, "reason"}, {rules::refusal::guard, "until"}};
    submitted.written = reason;
    return Plan{act(std::move(submitted), env)};
}

// "wait 12 until friday 10:00 they are on holiday": a manager, of what waits already.
Result<Plan> longer_by_verb(EscalationId id, std::string const& text, Env const& env) {
    ESC_TRY(auto const when, leading_when(text, zone_of(env), env.now));
    if (when.rest.empty()) return Plan{longer_form(id, when.at, env)};
    auto typed = wait_longer({id, 0}, when.at, std::string{when.rest});
    typed.said = [](Acted const& acted) {
        return say(slack::blocks::markup("{} waits until {}. Its owner is told.", acted.after.id,
                                         slack::blocks::date(*acted.after.details.waiting->until)));
    };
    return Plan{act(std::move(typed), env)};
}

Result<Plan> by_engineering_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const text = [&](std::string_view block) { return std::string{trimmed(in.state.get(block))}; };
    struct Needed {
        std::string_view block;
        std::string_view sentence;
    };
    for (auto const& one : {Needed{"reason", "Say what engineering has to do."}, Needed{"repro", "Say how to reproduce it."},
                            Needed{"logs", "Say where the logs are."}, Needed{"impact", "Say what the impact is."},
                            Needed{"deadline", "Say what the deadline is."}})
        if (auto refused = missing(in.state, one.block, std::string{one.sentence})) return Plan{*refused};
    rules::WaitRequest request;
    request.on = State::waiting_engineering;
    request.reason = text("reason");
    request.repro = text("repro");
    request.logs = text("logs");
    request.impact = text("impact");
    request.deadline = text("deadline");
    auto const engineer = chosen_person(in.state, views::engineer_block, env);
    if (!engineer) return Plan{refuse_in_view(views::engineer_block, engineer.error().message)};
    if (auto const& chosen = *engineer) {
        if (!chosen->active || chosen->role < Role::requester)
            return Plan{refuse_in_view(views::engineer_block, "Choose somebody of this workspace who is active.")};
        request.engineer = chosen->id;
    }
    auto written =
        fmt::format("{}\n{}\n{}\n{}\n{}", request.reason, request.repro, request.logs, request.impact, request.deadline);
    auto submitted = wait(ref, std::move(request), env);
    submitted.inputs = {{rules::refusal::text, "reason"}, {rules::refusal::target, views::engineer_block}};
    submitted.written = std::move(written);
    return Plan{act(std::move(submitted), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    if (words.size() == 1) return Plan{first_form(id, {}, env)};
    if (lower(words.at(1)) == until_word) return longer_by_verb(id, readable(words.rest(2)), env);
    auto const on = state_of(lower(words.at(1)));
    if (!on)
        return fail(Errc::invalid,
                    "Say whom {} waits for and why: wait {} customer, vendor or engineering, then the reason. What waits already "
                    "a manager lets wait for longer: wait {} until fri 10:00, and why.",
                    id.key(), id.number, id.number);
    auto reason = readable(words.rest(2));
    rules::WaitRequest request;
    if (words.size() > 2 && lower(words.at(2)) == until_word) {
        auto const text = readable(words.rest(3));
        ESC_TRY(auto const when, leading_when(text, zone_of(env), env.now));
        request.review_at = when.at;
        reason = when.rest;
    }
    if (*on != State::waiting_customer) return Plan{next_form(id, *on, std::move(reason), request.review_at, {}, env)};
    if (reason.empty()) return Plan{first_form(id, on, env)};
    request.reason = std::move(reason);
    request.asked = true;  // whoever types that it waits for them says so
    auto typed = wait({id, 0}, std::move(request), env);
    typed.said = [](Acted const& acted) {
        auto const& waiting = acted.after.details.waiting;
        return say(slack::blocks::markup("{} waits on the customer. If nobody answers, it goes on by itself {}.", acted.after.id,
                                         slack::blocks::date(*waiting->until)));
    };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_wait(Router& router) {
    router.action(route(rules::Verb::wait), by_button);
    router.view(route(rules::Verb::wait), by_form);
    router.view(std::string{views::wait_vendor_callback}, by_vendor_form);
    router.view(std::string{views::wait_engineering_callback}, by_engineering_form);
    router.view(std::string{views::wait_longer_callback}, by_longer_form);
    router.verb("wait",
                {"wait 12 customer|vendor|engineering [until fri 10:00] reason",
                 "somebody else must move; the form asks for what they need. Managers let what waits wait for longer: wait 12 "
                 "until fri 10:00 reason"},
                by_verb);
}

}  // namespace esc::handlers
