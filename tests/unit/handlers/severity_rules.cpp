// Severity: what the five answers come to, who may change it to what, what becomes of the clocks, and unconfirmed SEV1s.
#include "handlers/rules/severity.hpp"

#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/wakes.hpp"
#include "people_and_times.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace {

using namespace esc;
using namespace esc::handler_test;
using Answers = SeverityAnswers;
using Impact = Answers::Impact;
using Scope = Answers::Scope;
using Workaround = Answers::Workaround;
using YesNo = Answers::YesNo;
using rules::SeverityChoice;

constexpr auto sev1 = Severity::sev1;
constexpr auto sev2 = Severity::sev2;
constexpr auto sev3 = Severity::sev3;
constexpr auto sev4 = Severity::sev4;

Config const config = default_config();
rules::Ladder const ladder{{lea.id}, {max.id}, {adm.id}};

Escalation at_level(Severity severity, std::optional<Answers> answers = {}) {
    auto request = handler_test::request();
    request.severity = severity;
    request.answers = answers;
    return rules::raise(request, config.targets(severity), by(raiser)).value().after;
}

SeverityChoice to(Severity level, std::string reason = "They lose orders") { return {level, {}, "new_facts", std::move(reason)}; }

boost::json::object data_of(Decision const& decision, EventType type) {
    for (auto const& event : decision.events)
        if (event.type == type) return boost::json::parse(event.data).as_object();
    BOOST_FAIL("no event " << to_string(type));
    return {};
}
bool has_event(Decision const& decision, EventType type) {
    return std::any_of(decision.events.begin(), decision.events.end(), [&](auto const& event) { return event.type == type; });
}
// Who is told, with which buttons.
std::map<std::string, std::vector<std::string>> told(Decision const& decision) {
    std::map<std::string, std::vector<std::string>> all;
    for (auto const& item : decision.outbox)
        if (item.kind == OutboxKind::notice) {
            auto const fact = rules::NoticeFact::parse(item.body).value();
            all[fact.to.value] = fact.buttons;
        }
    return all;
}
// "owner 3 U_LEA", "owner 3 thread", sorted.
std::vector<std::string> alerted(Decision const& decision) {
    std::vector<std::string> all;
    for (auto const& item : decision.outbox)
        if (item.kind == OutboxKind::alert) {
            auto const fact = rules::AlertFact::parse(item.body).value();
            all.push_back(fmt::format("{} {} {}", to_string(fact.clock), fact.rung, fact.to.empty() ? "thread" : fact.to.value));
        }
    std::sort(all.begin(), all.end());
    return all;
}
int alerts(Decision const& decision) {
    return static_cast<int>(std::count_if(decision.outbox.begin(), decision.outbox.end(),
                                          [](auto const& item) { return item.kind == OutboxKind::alert; }));
}

BOOST_AUTO_TEST_SUITE(severity_rules)

// --- the five questions -------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_five_answers_decide_the_level) {
    struct Row {
        char const* what;
        Answers answers;
        Severity level;
    };
    Row const rows[] = {
        {"SEV1: production use stopped, no workaround", {Impact::stopped, Scope::everybody, Workaround::none}, sev1},
        {"SEV1: stopped for many", {Impact::stopped, Scope::many, Workaround::none}, sev1},
        {"SEV1: data exposed, no workaround", {Impact::minor, Scope::few, Workaround::none, YesNo::yes}, sev1},
        {"no SEV1: one user's password reset", {Impact::stopped, Scope::few, Workaround::none}, sev2},
        {"SEV2: SEV1 with a fragile workaround", {Impact::stopped, Scope::everybody, Workaround::fragile}, sev2},
        {"SEV2: exposure that is contained", {Impact::minor, Scope::few, Workaround::acceptable, YesNo::yes}, sev2},
        {"SEV2: core function badly impaired", {Impact::impaired, Scope::everybody, Workaround::none}, sev2},
        {"SEV2: exports fail for all, a manual path exists", {Impact::impaired, Scope::everybody, Workaround::fragile}, sev2},
        {"SEV2: core function impaired for few", {Impact::impaired, Scope::few, Workaround::none}, sev2},
        {"SEV2: stopped for everybody whatever the workaround",
         {Impact::stopped, Scope::everybody, Workaround::acceptable},
         sev2},
        {"no SEV2: a slow report once a week", {Impact::partly, Scope::few, Workaround::acceptable}, sev3},
        {"SEV3: impaired, workaround acceptable", {Impact::impaired, Scope::many, Workaround::acceptable}, sev3},
        {"SEV3: stopped for many, workaround acceptable", {Impact::stopped, Scope::many, Workaround::acceptable}, sev3},
        {"SEV3: a filter returns wrong rows", {Impact::partly, Scope::everybody, Workaround::none}, sev3},
        {"SEV3: a commitment is touched", {Impact::minor, Scope::few, Workaround::acceptable, YesNo::no, YesNo::yes}, sev3},
        {"SEV2: a commitment is touched, no workaround",
         {Impact::minor, Scope::few, Workaround::none, YesNo::no, YesNo::yes},
         sev2},
        {"SEV4: how-to questions of a big account", {Impact::minor, Scope::everybody, Workaround::none}, sev4},
        {"SEV4: a cosmetic label", {Impact::minor, Scope::few, Workaround::acceptable, YesNo::no, YesNo::no}, sev4},
    };
    for (auto const& row : rows) BOOST_TEST((rules::computed_severity(row.answers) == row.level), row.what);
}

BOOST_AUTO_TEST_CASE(without_any_answer_nothing_is_computed) {
    BOOST_TEST(!rules::computed_severity({}).has_value());
    BOOST_TEST((rules::computed_severity({.data_exposed = YesNo::no}) == sev4));
}

std::vector<Answers> all_answers() {
    std::vector<Answers> all;
    for (int impact = 0; impact <= 4; ++impact)
        for (int scope = 0; scope <= 3; ++scope)
            for (int workaround = 0; workaround <= 3; ++workaround)
                for (int exposed = 0; exposed <= 2; ++exposed)
                    for (int contract = 0; contract <= 2; ++contract)
                        all.push_back({static_cast<Impact>(impact), static_cast<Scope>(scope),
                                       static_cast<Workaround>(workaround), static_cast<YesNo>(exposed),
                                       static_cast<YesNo>(contract)});
    return all;
}

BOOST_AUTO_TEST_CASE(an_unknown_answer_counts_as_the_mildest) {
    for (auto const& answers : all_answers()) {
        if (answers == Answers{}) continue;
        auto mildest = answers;
        if (answers.impact == Impact::unknown) mildest.impact = Impact::minor;
        if (answers.scope == Scope::unknown) mildest.scope = Scope::few;
        if (answers.workaround == Workaround::unknown) mildest.workaround = Workaround::acceptable;
        if (answers.data_exposed == YesNo::unknown) mildest.data_exposed = YesNo::no;
        if (answers.contractual == YesNo::unknown) mildest.contractual = YesNo::no;
        BOOST_TEST((rules::computed_severity(answers) == rules::computed_severity(mildest)));
    }
}

BOOST_AUTO_TEST_CASE(a_worse_answer_never_gives_a_milder_level) {
    // Every answer once made one step worse; an unknown one is as mild as the mildest.
    auto const worse = [](auto answer, int mildest) {
        auto const place = static_cast<int>(answer) == 0 ? mildest : static_cast<int>(answer);
        return static_cast<decltype(answer)>(std::max(place - 1, 1));
    };
    for (auto const& answers : all_answers()) {
        auto const level = rules::computed_severity(answers);
        if (!level) continue;
        auto const check = [&](Answers const& worsened) { BOOST_TEST(*rules::computed_severity(worsened) <= *level); };
        auto copy = answers;
        copy.impact = worse(answers.impact, 4);
        check(copy);
        copy = answers;
        copy.scope = worse(answers.scope, 3);
        check(copy);
        copy = answers;
        copy.workaround = worse(answers.workaround, 3);
        check(copy);
        copy = answers;
        copy.data_exposed = YesNo::yes;
        check(copy);
        copy = answers;
        copy.contractual = YesNo::yes;
        check(copy);
    }
}

BOOST_AUTO_TEST_CASE(sev1_only_when_stopped_or_exposed_without_a_workaround) {
    for (auto const& answers : all_answers())
        if (rules::computed_severity(answers) == sev1) {
            BOOST_TEST((answers.workaround == Workaround::none));
            BOOST_TEST((answers.impact == Impact::stopped || answers.data_exposed == YesNo::yes));
        }
}

// --- who may -------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(two_levels_up_or_touching_sev1_needs_a_lead) {
    struct Row {
        Severity now;
        std::optional<Severity> computed;
        Severity wanted;
        bool asks;
    };
    Row const rows[] = {
        {sev3, {}, sev2, false},   {sev4, {}, sev3, false},   {sev4, {}, sev2, true},    {sev2, {}, sev3, false},
        {sev2, {}, sev4, false},   {sev3, {}, sev1, true},    {sev2, {}, sev1, true},    {sev1, {}, sev2, true},
        {sev1, {}, sev4, true},    {sev3, sev4, sev2, true},  // step by step is two levels all the same
        {sev3, sev3, sev2, false}, {sev2, sev4, sev2, false}, {sev2, sev4, sev3, false}, {sev1, sev4, sev1, false},
    };
    for (auto const& row : rows) BOOST_TEST_CONTEXT(to_string(row.now) << " to " << to_string(row.wanted)) {
            BOOST_TEST(rules::needs_a_word(row.now, {}, row.computed, row.wanted, ana) == row.asks);
            BOOST_TEST(!rules::needs_a_word(row.now, {}, row.computed, row.wanted, lea));
            BOOST_TEST(!rules::needs_a_word(row.now, {}, row.computed, row.wanted, max));
        }
}

BOOST_AUTO_TEST_CASE(two_levels_up_need_a_lead_in_one_step_or_in_two) {
    auto const set = [](Escalation const& before, Severity level, Person const& who) {
        return rules::set_severity(before, to(level), config, ladder, by(who)).value().after;
    };
    auto const once = set(at_level(sev4), sev3, ana);
    BOOST_TEST((once.severity == sev3));
    BOOST_TEST(!once.details.severity_request.has_value());
    auto const twice = set(once, sev2, ana);
    BOOST_TEST((twice.severity == sev3));
    BOOST_TEST(twice.details.severity_request.has_value());
    // From where a lead has set or approved it, one step is one step again.
    BOOST_TEST((set(set(at_level(sev4), sev3, lea), sev2, ana).severity == sev2));
    auto const approved = rules::approve_severity(twice, config, ladder, by(lea)).value().after;
    BOOST_TEST((approved.severity == sev2));
    BOOST_TEST(!approved.details.settled.has_value());
    // A step down taken back is none up.
    auto const down = set(at_level(sev2), sev4, ana);
    BOOST_TEST((set(down, sev2, ana).severity == sev2));
}

BOOST_AUTO_TEST_CASE(who_may_set_it_and_when) {
    for (auto const& who : {outsider, raiser, bystander, adm}) {
        auto const refused = rules::set_severity(at_level(sev3), to(sev2), config, ladder, by(who));
        BOOST_REQUIRE(refused.has_error());
        BOOST_TEST(refused.error().code == Errc::forbidden, who.id);
    }
    for (auto const& who : {ana, ben, lea, max})
        BOOST_TEST(rules::set_severity(at_level(sev3), to(sev2), config, ladder, by(who)).has_value(), who.id);
    for (auto const state : {State::resolved, State::closed, State::declined, State::merged}) {
        auto over = at_level(sev3);
        over.state = state;
        BOOST_TEST(rules::set_severity(over, to(sev2), config, ladder, by(max)).has_error());
    }
}

// --- overrides -----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_level_that_differs_from_the_computed_one_needs_code_and_words) {
    Answers const minor{.impact = Impact::partly};  // SEV3
    auto const before = at_level(sev3, minor);
    for (auto const* text : {"", " ", "...", "\n"}) {
        auto const refused = rules::set_severity(before, to(sev2, text), config, ladder, by(max));
        BOOST_REQUIRE(refused.has_error());
        BOOST_TEST(refused.error().cause == rules::refusal::text);
    }
    auto choice = to(sev2);
    choice.code = "because";
    BOOST_TEST(rules::set_severity(before, choice, config, ladder, by(max)).has_error());
    auto const changed = rules::set_severity(before, to(sev2, "x"), config, ladder, by(ana));
    BOOST_REQUIRE(changed.has_value());
    BOOST_TEST(changed->after.severity == sev2);
    auto const data = data_of(*changed, EventType::severity_changed);
    BOOST_TEST(data.at("from") == "SEV3");
    BOOST_TEST(data.at("to") == "SEV2");
    BOOST_TEST(data.at("computed") == "SEV3");
    BOOST_TEST(data.at("code") == "new_facts");
    BOOST_TEST(changed->events.back().text == "x");
    // The one the answers say needs none, with or without naming it.
    SeverityChoice answered;
    answered.answers = Answers{.impact = Impact::impaired, .workaround = Workaround::none};
    auto const computed = rules::set_severity(before, answered, config, ladder, by(ana));
    BOOST_REQUIRE(computed.has_value());
    BOOST_TEST(computed->after.severity == sev2);
    BOOST_TEST((computed->after.details.computed == sev2));
    BOOST_TEST((computed->after.details.answers == answered.answers));
    BOOST_TEST(!data_of(*computed, EventType::severity_changed).contains("code"));
    // Keeping a level against new answers is an override too.
    answered.level = sev3;
    BOOST_TEST(rules::set_severity(before, answered, config, ladder, by(ana)).has_error());
    answered.reason = "One customer only";
    BOOST_TEST(rules::set_severity(before, answered, config, ladder, by(ana))->after.severity == sev3);
}

BOOST_AUTO_TEST_CASE(without_answers_every_change_needs_a_reason) {
    BOOST_TEST(rules::set_severity(at_level(sev3), to(sev2, ""), config, ladder, by(max)).has_error());
    BOOST_TEST(rules::set_severity(at_level(sev3), {}, config, ladder, by(max)).has_error());  // neither level nor answers
}

BOOST_AUTO_TEST_CASE(what_it_is_already_changes_nothing) {
    auto const refused = rules::set_severity(at_level(sev3), to(sev3), config, ladder, by(max));
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().code == Errc::conflict);
}

BOOST_AUTO_TEST_CASE(the_account_is_no_input) {
    auto before = at_level(sev3);
    SeverityChoice answered;
    answered.answers = Answers{.impact = Impact::impaired, .workaround = Workaround::none};
    auto const without = rules::set_severity(before, answered, config, ladder, by(ana));
    before.account = "The biggest of all";
    auto const with = rules::set_severity(before, answered, config, ladder, by(ana));
    BOOST_TEST(without->after.severity == with->after.severity);
}

// --- requests ------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_big_change_by_an_agent_is_asked_of_leads_and_managers) {
    auto const before = at_level(sev3);
    auto const asked = rules::set_severity(before, to(sev1), config, ladder, by(ana));
    BOOST_REQUIRE(asked.has_value());
    BOOST_TEST(asked->after.severity == sev3);
    BOOST_TEST((asked->after.clocks == before.clocks));
    BOOST_REQUIRE(asked->after.details.severity_request.has_value());
    auto const& request = *asked->after.details.severity_request;
    BOOST_TEST((request == SeverityRequest{ana.id, sev1, "new_facts", "They lose orders", t0, t0 + 15min, t0 + 24h}));
    BOOST_TEST(has_event(*asked, EventType::severity_requested));
    BOOST_TEST(!has_event(*asked, EventType::severity_changed));
    std::map<std::string, std::vector<std::string>> const wanted{{"U_LEA", {"approve", "deny"}}, {"U_MAX", {"approve", "deny"}}};
    BOOST_TEST((told(*asked) == wanted));
    // By somebody with a say it happens at once.
    for (auto const& who : {lea, max}) {
        auto const changed = rules::set_severity(before, to(sev1), config, ladder, by(who));
        BOOST_REQUIRE(changed.has_value());
        BOOST_TEST(changed->after.severity == sev1);
        BOOST_TEST(!changed->after.details.severity_request.has_value());
        BOOST_TEST(!changed->after.details.unconfirmed_since.has_value());
    }
}

BOOST_AUTO_TEST_CASE(somebody_is_asked_even_where_there_is_no_lead) {
    rules::Ladder const admins_only{{}, {}, {adm.id}};
    auto const asked = rules::set_severity(at_level(sev3), to(sev1), config, admins_only, by(ana));
    BOOST_TEST(told(*asked).contains("U_ADM"));
}

BOOST_AUTO_TEST_CASE(approved_it_comes_true_and_the_asker_is_told) {
    auto const asked = rules::set_severity(at_level(sev3), to(sev1), config, ladder, by(ana))->after;
    for (auto const& who : {ana, ben, raiser, adm})
        BOOST_TEST(rules::approve_severity(asked, config, ladder, by(who)).has_error(), who.id);
    for (auto const& who : {lea, max}) {
        auto const approved = rules::approve_severity(asked, config, ladder, by(who, t0 + 10min));
        BOOST_REQUIRE(approved.has_value());
        BOOST_TEST(approved->after.severity == sev1);
        BOOST_TEST(!approved->after.details.severity_request.has_value());
        BOOST_TEST(approved->after.clock(ClockKind::resolution)->due == t0 + 4h);
        auto const data = data_of(*approved, EventType::severity_changed);
        BOOST_TEST(data.at("asked_by") == "U_ANA");
        BOOST_TEST(data.at("code") == "new_facts");
        BOOST_TEST(told(*approved).contains("U_ANA"));
        BOOST_TEST(rules::approve_severity(approved->after, config, ladder, by(who)).has_error());
    }
}

BOOST_AUTO_TEST_CASE(denied_it_stays_and_the_asker_is_told_why) {
    auto const asked = rules::set_severity(at_level(sev3), to(sev1), config, ladder, by(ana))->after;
    for (auto const& who : {ana, ben, raiser}) BOOST_TEST(rules::deny_severity(asked, "No", by(who)).has_error(), who.id);
    BOOST_TEST(rules::deny_severity(asked, "", by(lea)).error().cause == rules::refusal::text);
    auto const denied = rules::deny_severity(asked, "Only one customer", by(lea));
    BOOST_REQUIRE(denied.has_value());
    BOOST_TEST(denied->after.severity == sev3);
    BOOST_TEST(!denied->after.details.severity_request.has_value());
    BOOST_TEST(has_event(*denied, EventType::severity_denied));
    BOOST_TEST(told(*denied).contains("U_ANA"));
    BOOST_TEST(rules::deny_severity(denied->after, "Again", by(lea)).has_error());
}

BOOST_AUTO_TEST_CASE(silence_reminds_of_a_request_and_then_it_expires) {
    auto now = t0;
    auto current = rules::set_severity(at_level(sev3), to(sev1), config, ladder, by(ana))->after;
    std::vector<EventType> types;
    std::vector<std::string> keys;
    std::map<std::string, std::vector<std::string>> last;
    while (auto const due = rules::next_point(current)) {
        BOOST_REQUIRE((*due <= t0 + 100h));
        now = *due;
        auto woken = rules::wake(current, ladder, now);
        if (!woken) {
            current = rules::fire_due(current, ladder, now)->after;
            continue;
        }
        BOOST_TEST((now == t0 + 15min || now == t0 + 24h));
        for (auto const& event : woken->events) types.push_back(event.type);
        last = told(*woken);
        for (auto const& item : woken->outbox) keys.push_back(item.key);
        current = woken->after;
    }
    BOOST_TEST(types == (std::vector{EventType::reminded, EventType::severity_expired}), boost::test_tools::per_element());
    BOOST_TEST(current.severity == sev3);
    BOOST_TEST(!current.details.severity_request.has_value());
    std::map<std::string, std::vector<std::string>> const wanted{
        {"U_ANA", {"severity"}}, {"U_LEA", {"severity"}}, {"U_MAX", {"severity"}}};
    BOOST_TEST((last == wanted));
    BOOST_TEST((std::set<std::string>(keys.begin(), keys.end()).size() == keys.size()));
    BOOST_TEST(rules::approve_severity(current, config, ladder, by(lea, now)).has_error());
}

BOOST_AUTO_TEST_CASE(each_request_is_asked_in_a_message_of_its_own) {
    auto const how = rules::raised_severity({sev2, Answers{.impact = Impact::minor}, "other", "They pay"}, ana).value();
    auto request = handler_test::request();
    request.severity = how.severity;
    request.answers = how.answers;
    auto raised = rules::raise(request, config.targets(how.severity), by(ana)).value();
    rules::explain_raised_severity(raised, how, config, ladder, by(ana));
    auto const again = rules::set_severity(raised.after, to(sev1), config, ladder, by(ben, t0 + 1min)).value();
    std::set<std::string> keys;
    std::size_t asked = 0;
    for (auto const* decision : {static_cast<Decision const*>(&raised), &again})
        for (auto const& item : decision->outbox)
            if (item.key.find(":severity:") != std::string::npos) {
                ++asked;
                keys.insert(item.key);
            }
    BOOST_TEST(asked == 4U);
    BOOST_TEST(keys.size() == asked);
}

BOOST_AUTO_TEST_CASE(a_newer_request_takes_the_place_of_the_older) {
    auto const first = rules::set_severity(at_level(sev4), to(sev2), config, ladder, by(ana))->after;
    auto const second = rules::set_severity(first, to(sev1), config, ladder, by(ben));
    BOOST_TEST((second->after.details.severity_request->by == ben.id));
    BOOST_TEST(told(*second).contains("U_ANA"));  // whose request it was
    // Who asks for another one than before knows that.
    BOOST_TEST(!told(*rules::set_severity(first, to(sev1), config, ladder, by(ana))).contains("U_ANA"));
    // A change settles it, whoever makes it; the asker hears of it.
    auto const settled = rules::set_severity(second->after, to(sev3), config, ladder, by(lea));
    BOOST_TEST(!settled->after.details.severity_request.has_value());
    BOOST_TEST(told(*settled).contains("U_BEN"));
}

BOOST_AUTO_TEST_CASE(what_was_asked_for_by_the_answers_alone_is_over_when_they_say_something_else) {
    Answers const stopped{Impact::stopped, Scope::everybody, Workaround::none};
    auto const asked = rules::set_severity(at_level(sev2), {{}, stopped, {}, {}}, config, ladder, by(ana))->after;
    BOOST_REQUIRE((asked.details.severity_request && asked.details.severity_request->reason.empty()));
    auto const other = Answers{.impact = Impact::minor};
    auto const again = rules::set_severity(asked, {sev2, other, "new_facts", "They lose orders"}, config, ladder, by(ben));
    BOOST_TEST(!again->after.details.severity_request.has_value());
    BOOST_TEST(told(*again).contains("U_ANA"));
    BOOST_TEST(!rules::approve_severity(again->after, config, ladder, by(lea)));
    // With words of its own it stands.
    auto const explained = rules::set_severity(at_level(sev2), to(sev1), config, ladder, by(ana))->after;
    auto const still = rules::set_severity(explained, {sev2, other, "new_facts", "They lose orders"}, config, ladder, by(ben));
    BOOST_TEST(still->after.details.severity_request.has_value());
}

BOOST_AUTO_TEST_CASE(confirming_a_sev1_settles_what_somebody_asked_for_instead) {
    auto const asked = rules::set_severity(at_level(sev1), to(sev2), config, ladder, by(ana))->after;
    BOOST_REQUIRE(asked.details.severity_request.has_value());
    auto const confirmed = rules::confirm_severity(asked, by(lea));
    BOOST_TEST(!confirmed->after.details.severity_request.has_value());
    BOOST_TEST(told(*confirmed).contains("U_ANA"));
    BOOST_TEST(rules::wakes(confirmed->after).empty());
}

BOOST_AUTO_TEST_CASE(who_raised_an_unconfirmed_sev1_hears_which_word_was_said) {
    auto const before = at_level(sev1);
    BOOST_TEST(told(*rules::confirm_severity(before, by(lea))).contains("U_RAISER"));
    BOOST_TEST(told(*rules::set_severity(before, to(sev3), config, ladder, by(lea))).contains("U_RAISER"));
    auto const asked = rules::set_severity(before, to(sev2), config, ladder, by(ana))->after;
    BOOST_TEST(told(*rules::approve_severity(asked, config, ladder, by(lea))).contains("U_RAISER"));
    // With other answers, and the same level: the word all the same.
    auto const anew = rules::set_severity(asked, {sev1, Answers{.impact = Impact::stopped}, "new_facts", "They lose orders"},
                                          config, ladder, by(lea));
    BOOST_TEST(!anew->after.details.unconfirmed_since.has_value());
    BOOST_TEST(!anew->after.details.severity_request.has_value());
    BOOST_TEST(told(*anew).contains("U_RAISER"));
    BOOST_TEST(told(*anew).contains("U_ANA"));
    // Nobody waited for a word.
    BOOST_TEST(!told(*rules::set_severity(at_level(sev2), to(sev3), config, ladder, by(lea))).contains("U_RAISER"));
}

BOOST_AUTO_TEST_CASE(whose_it_is_hears_of_another_level_once_who_and_why) {
    auto owned = rules::claim(at_level(sev3), by(ana)).value().after;
    auto const set = [](Escalation const& before, Severity level, Person const& who) {
        return rules::set_severity(before, to(level), config, ladder, by(who)).value();
    };
    auto const notices = [](Decision const& decision, Person const& person) {
        std::vector<rules::NoticeFact> all;
        for (auto const& item : decision.outbox)
            if (item.kind == OutboxKind::notice && rules::NoticeFact::parse(item.body)->to == person.id)
                all.push_back(rules::NoticeFact::parse(item.body).value());
        return all;
    };
    for (auto const level : {sev1, sev4}) {
        auto const told = notices(set(owned, level, lea), ana);
        BOOST_REQUIRE(told.size() == 1U);
        BOOST_TEST(told.front().said.sentence ==
                   fmt::format("{{0}} changed the severity from SEV3 to {} (New facts).", to_string(level)));
        BOOST_TEST((told.front().said.people == std::vector{lea.id}));
        BOOST_TEST(told.front().said.quote == "They lose orders");
    }
    BOOST_TEST(notices(set(owned, sev2, ana), ana).empty());  // who did it knows it
    owned.details.coverage = Coverage{.acting = ben.id, .by = ana.id, .from = t0, .until = t0 + 8h};
    BOOST_TEST(notices(set(owned, sev2, lea), ben).size() == 1U);
    BOOST_TEST(notices(set(owned, sev2, lea), ana).size() == 1U);
    // What was asked for and settled is told by that alone.
    auto const asked = set(owned, sev1, ana).after;
    BOOST_TEST(notices(rules::approve_severity(asked, config, ladder, by(lea)).value(), ana).size() == 1U);
    auto const otherwise = notices(set(asked, sev2, lea), ana);
    BOOST_REQUIRE(otherwise.size() == 1U);
    BOOST_TEST(otherwise.front().said.quote == "They lose orders");
    BOOST_TEST(notices(rules::approve_severity(set(owned, sev1, ben).after, config, ladder, by(lea)).value(), ana).size() == 1U);
}

// --- clocks --------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(targets_follow_with_the_elapsed_time_kept) {
    auto const before = at_level(sev3);
    auto const now = t0 + 10min;
    auto const after = rules::set_severity(before, to(sev2), config, ladder, by(ana, now))->after;
    BOOST_TEST(after.clock(ClockKind::owner)->due == t0 + 15min);
    BOOST_TEST(after.clock(ClockKind::first_response)->due == t0 + 1h);
    BOOST_TEST(after.clock(ClockKind::resolution)->due == t0 + 8h);
    BOOST_TEST(after.clock(ClockKind::resolution)->started_at == t0);
    BOOST_TEST(after.clock(ClockKind::resolution)->generation == 0);
    for (auto const& clock : after.clocks) BOOST_TEST(clock.outcome == ClockOutcome::running);
    BOOST_TEST(after.rank < before.rank);
    BOOST_TEST((after.next_point <= before.next_point));
}

BOOST_AUTO_TEST_CASE(what_is_overdue_by_a_regrade_is_kept_apart_and_told_at_once) {
    auto const before = at_level(sev3);  // owner 1 h, first response 4 h
    auto const now = t0 + 40min;         // SEV2: owner 15 min, first response 1 h
    auto const changed = rules::set_severity(before, to(sev2), config, ladder, by(ana, now));
    BOOST_REQUIRE(changed.has_value());
    BOOST_TEST(changed->after.clock(ClockKind::owner)->outcome == ClockOutcome::breached);
    BOOST_TEST(changed->after.clock(ClockKind::first_response)->outcome == ClockOutcome::running);
    auto const kept_apart = data_of(*changed, EventType::severity_changed).at("breached_on_regrade").as_array();
    BOOST_TEST((kept_apart == boost::json::array{"owner"}));
    BOOST_TEST(data_of(*changed, EventType::point_passed).at("cause") == "regrade");
    BOOST_TEST(alerted(*changed) == (std::vector<std::string>{"owner 3 U_LEA", "owner 3 U_MAX", "owner 3 thread"}),
               boost::test_tools::per_element());
    // Once: the scheduler does not tell of it later.
    BOOST_TEST(!rules::fire_due(changed->after, ladder, now + 1min).has_value());
    auto const milder = rules::set_severity(changed->after, to(sev3), config, ladder, by(ana, now + 1min));
    BOOST_TEST(alerts(*milder) == 0);
    // A milder level takes it back: when it is overdue once more that is told anew, and counted once.
    auto const again = rules::set_severity(milder->after, to(sev2), config, ladder, by(ana, now + 2min));
    BOOST_TEST(alerts(*again) == 3);
    BOOST_TEST(data_of(*again, EventType::severity_changed).at("breached_on_regrade").as_array().empty());
    // What is still to come warns as ever: first response at risk after 45 minutes.
    BOOST_TEST(rules::fire_due(changed->after, ladder, t0 + 46min).has_value());
}

BOOST_AUTO_TEST_CASE(a_regrade_tells_the_highest_rung_a_clock_has_come_to_by_it) {
    struct Row {
        char const* what;
        Severity from;
        Severity to;
        std::chrono::minutes after;
        std::vector<std::string> wanted;
    };
    // Owned by Ana, so that only the response (SEV3 4 h, SEV2 1 h, SEV1 15 min) and the resolution (48 h, 8 h, 4 h) run.
    Row const rows[] = {
        {"nothing is near", sev3, sev2, 10min, {}},
        {"at risk", sev3, sev2, 50min, {"first_response 1 U_ANA", "first_response 1 thread"}},
        {"critical", sev3, sev2, 55min, {"first_response 2 U_ANA", "first_response 2 U_LEA", "first_response 2 thread"}},
        {"overdue, and the owner hears of it",
         sev3,
         sev2,
         61min,
         {"first_response 3 U_ANA", "first_response 3 U_LEA", "first_response 3 U_MAX", "first_response 3 thread"}},
        {"two levels", sev3, sev1, 12min, {"first_response 1 U_ANA", "first_response 1 thread"}},
        {"milder", sev2, sev3, 30min, {}},
    };
    for (auto const& row : rows) BOOST_TEST_CONTEXT(row.what) {
            auto const before = rules::claim(at_level(row.from), by(ana)).value().after;
            auto const now = t0 + row.after;
            for (bool const asked : {false, true}) {
                // By a lead's word at once, or when what an agent asked for is approved.
                auto waits = before;
                waits.details.severity_request = SeverityRequest{ana.id, row.to, "new_facts", "Worse", t0, t0 + 24h, t0 + 24h};
                auto const changed = asked ? rules::approve_severity(waits, config, ladder, by(lea, now))
                                           : rules::set_severity(before, to(row.to), config, ladder, by(lea, now));
                BOOST_REQUIRE(changed.has_value());
                BOOST_TEST(alerted(*changed) == row.wanted, boost::test_tools::per_element());
                for (auto const& item : changed->outbox)
                    if (item.kind == OutboxKind::alert) {
                        auto const fact = rules::AlertFact::parse(item.body).value();
                        BOOST_TEST((fact.cause == rules::AlertCause::regrade));
                        BOOST_TEST((fact.point_at == now));  // it is not late
                        BOOST_TEST(rules::AlertFact::from_key(item.key)->key() == item.key);
                    }
                BOOST_TEST(!rules::fire_due(changed->after, ladder, now).has_value());
            }
        }
}

BOOST_AUTO_TEST_CASE(what_was_due_before_an_approval_is_alerted_first) {
    auto const asked = rules::set_severity(at_level(sev3), to(sev1), config, ladder, by(ana))->after;
    auto const approved = rules::approve_severity(asked, config, ladder, by(lea, t0 + 61min));  // owner: due after an hour
    auto const all = alerted(*approved);
    BOOST_TEST(std::count(all.begin(), all.end(), "owner 3 U_LEA") == 1);
    auto const kept_apart = data_of(*approved, EventType::severity_changed).at("breached_on_regrade").as_array();
    BOOST_TEST((kept_apart == boost::json::array{"first_response"}));
}

BOOST_AUTO_TEST_CASE(an_ordinary_breach_that_came_before_is_still_alerted) {
    auto const before = at_level(sev3);
    auto const changed = rules::set_severity(before, to(sev2), config, ladder, by(ana, t0 + 61min));  // nobody had fired it yet
    BOOST_TEST(has_event(*changed, EventType::point_passed));
    BOOST_TEST(alerts(*changed) > 0);
    BOOST_TEST(changed->after.version == before.version + 1);
    auto const kept_apart = data_of(*changed, EventType::severity_changed).at("breached_on_regrade").as_array();
    BOOST_TEST((kept_apart == boost::json::array{"first_response"}));
}

BOOST_AUTO_TEST_CASE(a_downgrade_never_removes_a_breach) {
    auto before = at_level(sev2);
    before = rules::fire_due(before, ladder, t0 + 16min)->after;
    BOOST_REQUIRE(before.clock(ClockKind::owner)->outcome == ClockOutcome::breached);
    auto const now = t0 + 20min;
    auto const after = rules::set_severity(before, to(sev4), config, ladder, by(lea, now))->after;
    BOOST_TEST(after.clock(ClockKind::owner)->due == t0 + 4h);
    BOOST_TEST(after.clock(ClockKind::owner)->outcome == ClockOutcome::breached);
    BOOST_TEST(after.clock(ClockKind::first_response)->outcome == ClockOutcome::running);
    BOOST_TEST(rules::stop_clock(*after.clock(ClockKind::owner), now).outcome == ClockOutcome::breached);
}

BOOST_AUTO_TEST_CASE(after_a_correction_a_clock_warns_by_the_level_it_has) {
    auto const claimed = rules::claim(at_level(sev3), by(ana)).value().after;
    auto const worse = rules::set_severity(claimed, to(sev2), config, ladder, by(lea, t0 + 61min));  // first response: 1 h
    auto const right = rules::set_severity(worse->after, to(sev3), config, ladder, by(lea, t0 + 62min));
    BOOST_TEST(alerts(*worse) > 0);
    BOOST_TEST(alerts(*right) == 0);
    auto after = right->after;
    auto const& clock = *after.clock(ClockKind::first_response);
    BOOST_TEST(clock.points_fired == 0);
    BOOST_TEST(clock.outcome == ClockOutcome::breached);  // remembered
    BOOST_TEST((rules::look(clock, t0 + 62min) == rules::ClockLook::on_time));
    BOOST_TEST((after.next_point == t0 + 3h));
    std::set<std::string> keys;
    for (auto const& item : worse->outbox) keys.insert(item.key);
    for (auto const& [at, told] : {std::pair{t0 + 3h, "first_response 1 U_ANA"},
                                   {t0 + 3h + 36min, "first_response 2 U_ANA"},
                                   {t0 + 4h + 1us, "first_response 3 U_ANA"}}) {
        BOOST_TEST(!rules::fire_due(after, ladder, at - 1us).has_value());
        auto const fired = rules::fire_due(after, ladder, at);
        BOOST_REQUIRE(fired.has_value());
        auto const all = alerted(*fired);
        BOOST_TEST(std::count(all.begin(), all.end(), told) == 1);
        for (auto const& item : fired->outbox)
            if (item.kind == OutboxKind::alert) BOOST_TEST(keys.insert(item.key).second);
        after = fired->after;
    }
    BOOST_TEST((rules::look(*after.clock(ClockKind::first_response), t0 + 5h) == rules::ClockLook::breached));
}

BOOST_AUTO_TEST_CASE(a_clock_that_stands_still_keeps_standing_with_what_it_had_used) {
    auto clock = rules::start_clock(ClockKind::resolution, 0, t0, 48h, {});
    clock = rules::pause_clock(clock, t0 + 1h);
    clock = rules::resume_clock(clock, t0 + 3h);
    clock = rules::pause_clock(clock, t0 + 4h);  // used: 2 h
    auto const now = t0 + 20h;
    clock = rules::retarget(clock, 8h, {}, now);
    BOOST_TEST(clock.outcome == ClockOutcome::running);
    BOOST_TEST((clock.paused_at == t0 + 4h));
    BOOST_TEST(clock.started_at == t0);
    BOOST_TEST(clock.due == t0 + 10h);
    clock = rules::resume_clock(clock, now);
    BOOST_TEST((clock.due - now == 6h));
    BOOST_TEST(clock.points.back().at == clock.due + Duration{1});
}

BOOST_AUTO_TEST_CASE(a_level_without_a_target_has_no_clock) {
    auto changed = config;
    changed.sla[3].resolution.reset();
    auto const before = at_level(sev3);
    auto const mild = rules::set_severity(before, to(sev4), changed, ladder, by(ana, t0 + 10min));
    BOOST_TEST((mild->after.clock(ClockKind::resolution) == nullptr));
    BOOST_REQUIRE(mild->closed_clocks.size() == 1U);
    BOOST_TEST(mild->closed_clocks.front().outcome == ClockOutcome::cancelled);
    // Back where it has one, it has run all the time; as a generation of its own.
    auto const back = rules::set_severity(mild->after, to(sev3), changed, ladder, by(ana, t0 + 20min));
    auto const* clock = back->after.clock(ClockKind::resolution);
    BOOST_REQUIRE(clock != nullptr);
    BOOST_TEST(clock->due == t0 + 48h);
    BOOST_TEST(clock->generation == 1);
}

BOOST_AUTO_TEST_CASE(a_clock_begins_with_a_regrade_only_while_what_it_measures_is_still_owed) {
    auto mild = config;
    mild.sla[2].owner.reset();
    mild.sla[2].first_response.reset();
    mild.sla[2].resolution.reset();
    auto request = handler_test::request();
    request.severity = sev3;
    auto const before = rules::raise(request, mild.targets(sev3), by(raiser)).value().after;
    BOOST_REQUIRE(before.clocks.empty());
    auto const regraded = [&](Escalation const& from) {
        return rules::set_severity(from, to(sev2), mild, ladder, by(lea, t0 + 5min))->after;
    };
    auto const unowned = regraded(before);
    for (auto const kind : {ClockKind::owner, ClockKind::first_response, ClockKind::resolution})
        BOOST_TEST((unowned.clock(kind) != nullptr), to_string(kind));
    BOOST_TEST(unowned.clock(ClockKind::owner)->due == t0 + 15min);
    auto answered = rules::claim(before, by(ana)).value().after;
    answered.details.replied_at = t0 + 1min;
    auto const after = regraded(answered);
    BOOST_TEST((after.clock(ClockKind::owner) == nullptr));
    BOOST_TEST((after.clock(ClockKind::first_response) == nullptr));
    BOOST_TEST(after.clock(ClockKind::resolution)->running());
    // Where the customer or a vendor is waited for, the resolution stands still from its first moment here.
    for (auto const state : {State::waiting_customer, State::waiting_vendor, State::waiting_engineering}) {
        auto waiting = before;
        waiting.state = state;
        auto const clocks = regraded(waiting);
        BOOST_TEST(clocks.clock(ClockKind::resolution)->paused_at.has_value() == (state != State::waiting_engineering));
        BOOST_TEST(clocks.clock(ClockKind::first_response)->running());
    }
}

BOOST_AUTO_TEST_CASE(new_answers_alone_leave_the_clocks_as_they_are) {
    auto changed = config;
    changed.sla[2].resolution = 1h;  // the configuration moved on meanwhile
    auto const before = at_level(sev3);
    SeverityChoice answered;
    answered.answers = Answers{.impact = Impact::partly};
    auto const after = rules::set_severity(before, answered, changed, ladder, by(ana))->after;
    BOOST_TEST((after.clocks == before.clocks));
    BOOST_TEST((after.details.computed == sev3));
}

BOOST_AUTO_TEST_CASE(a_promise_keeps_its_own_time) {
    auto before = at_level(sev3);
    before.clocks.push_back(rules::start_clock(ClockKind::promise, 1, t0, 30min, {}));
    auto const after = rules::set_severity(before, to(sev2), config, ladder, by(ana))->after;
    BOOST_TEST(after.clock(ClockKind::promise)->due == t0 + 30min);
}

// --- unconfirmed ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_sev1_without_the_questions_is_unconfirmed_until_a_lead_confirms_or_lowers_it) {
    auto const before = at_level(sev1);
    BOOST_TEST(before.severity == sev1);
    BOOST_REQUIRE(before.details.unconfirmed_since.has_value());
    BOOST_TEST(!at_level(sev2).details.unconfirmed_since.has_value());
    Answers const stopped{Impact::stopped, Scope::everybody, Workaround::none};
    BOOST_TEST(!at_level(sev1, stopped).details.unconfirmed_since.has_value());

    for (auto const& who : {ana, ben}) {
        BOOST_TEST(rules::confirm_severity(before, by(who)).error().code == Errc::forbidden);
        BOOST_TEST(rules::set_severity(before, to(sev1), config, ladder, by(who)).has_error());
        auto const asked = rules::set_severity(before, to(sev2), config, ladder, by(who));  // it only asks
        BOOST_TEST(asked->after.severity == sev1);
        BOOST_TEST(asked->after.details.unconfirmed_since.has_value());
        // Answering the questions helps, and is not the word.
        SeverityChoice answered;
        answered.answers = stopped;
        auto const after = rules::set_severity(before, answered, config, ladder, by(who));
        BOOST_TEST((after->after.details.computed == sev1));
        BOOST_TEST(after->after.details.unconfirmed_since.has_value());
    }
    for (auto const& who : {lea, max}) {
        for (auto const& confirmed : {rules::confirm_severity(before, by(who, t0 + 3min)),
                                      rules::approve_severity(before, config, ladder, by(who, t0 + 3min)),
                                      rules::set_severity(before, to(sev1, ""), config, ladder, by(who, t0 + 3min))}) {
            BOOST_REQUIRE(confirmed.has_value());
            BOOST_TEST(confirmed->after.severity == sev1);
            BOOST_TEST(!confirmed->after.details.unconfirmed_since.has_value());
            BOOST_TEST(!confirmed->after.details.unconfirmed_alert_at.has_value());
            BOOST_TEST(has_event(*confirmed, EventType::severity_confirmed));
            BOOST_TEST(rules::confirm_severity(confirmed->after, by(who)).has_error());
        }
        auto const lowered = rules::set_severity(before, to(sev2), config, ladder, by(who));
        BOOST_TEST(lowered->after.severity == sev2);
        BOOST_TEST(!lowered->after.details.unconfirmed_since.has_value());
    }
}

BOOST_AUTO_TEST_CASE(leads_hear_of_an_unconfirmed_sev1_at_once) {
    struct Row {
        char const* what;
        Person const& who;
        rules::Ladder ladder;
        std::vector<std::string> told;
    };
    for (auto const& row : {Row{"leads", raiser, ladder, {"U_LEA"}}, Row{"who raised it knows", lea, ladder, {"U_MAX"}},
                            Row{"without leads the managers", ana, {{}, {max.id}, {}}, {"U_MAX"}},
                            Row{"without both the admins", ana, {{}, {}, {adm.id}}, {"U_ADM"}}})
        BOOST_TEST_CONTEXT(row.what) {
            auto const how = rules::raised_severity({.level = sev1}, row.who).value();
            auto request = handler_test::request();
            request.severity = how.severity;
            auto raised = rules::raise(request, config.targets(sev1), by(row.who)).value();
            rules::explain_raised_severity(raised, how, config, row.ladder, by(row.who));
            std::vector<std::string> people;
            for (auto const& [person, buttons] : told(raised)) {
                people.push_back(person);
                BOOST_TEST(buttons == std::vector<std::string>{"confirm"}, boost::test_tools::per_element());
            }
            BOOST_TEST(people == row.told, boost::test_tools::per_element());
        }
}

BOOST_AUTO_TEST_CASE(unconfirmed_for_fifteen_minutes_it_is_told_to_managers_once) {
    auto const before = at_level(sev1);
    BOOST_TEST((before.details.unconfirmed_alert_at == t0 + 15min));
    auto const due = rules::wakes(before);
    BOOST_REQUIRE(!due.empty());
    BOOST_TEST((due.front() == rules::DueWake{rules::Wake::unconfirmed, t0 + 15min}));
    rules::By system;
    system.now = t0 + 15min;
    auto const reminded = rules::remind_unconfirmed(before, ladder, system);
    auto const people = told(reminded);
    BOOST_TEST(people.size() == 1U);
    BOOST_TEST(people.contains("U_MAX"));
    BOOST_TEST(reminded.after.details.unconfirmed_since.has_value());  // still
    BOOST_TEST(!reminded.after.details.unconfirmed_alert_at.has_value());
    BOOST_TEST(rules::wakes(reminded.after).empty());
    BOOST_TEST(data_of(reminded, EventType::reminded).at("of") == "unconfirmed");
    BOOST_TEST(told(rules::remind_unconfirmed(before, {}, system)).contains("U_RAISER"));  // somebody must hear of it
}

BOOST_AUTO_TEST_CASE(an_approved_lowering_of_an_unconfirmed_sev1_is_the_word_it_waited_for) {
    auto const asked = rules::set_severity(at_level(sev1), to(sev2), config, ladder, by(ana))->after;
    auto const approved = rules::approve_severity(asked, config, ladder, by(lea))->after;
    BOOST_TEST(approved.severity == sev2);
    BOOST_TEST(!approved.details.unconfirmed_since.has_value());
    BOOST_TEST(rules::wakes(approved).empty());
}

BOOST_AUTO_TEST_CASE(grading_by_its_owner_accepts_it) {
    auto const given = handler_test::assign(at_level(sev3), ana, by(lea)).value().after;
    BOOST_TEST(rules::set_severity(given, to(sev2), config, ladder, by(ana))->after.accepted_at.has_value());
    BOOST_TEST(!rules::set_severity(given, to(sev2), config, ladder, by(ben))->after.accepted_at.has_value());
}

BOOST_AUTO_TEST_CASE(a_sev1_against_the_answers_wakes_for_its_confirmation_also_without_clocks) {
    auto const how = rules::raised_severity({sev1, Answers{.impact = Impact::partly}, "other", "It burns"}, ana).value();
    auto request = handler_test::request();
    request.severity = how.severity;
    request.answers = how.answers;
    auto decision = rules::raise(request, {}, by(ana)).value();
    rules::explain_raised_severity(decision, how, config, ladder, by(ana));
    BOOST_TEST((decision.after.next_point == t0 + 15min));
}

// --- at raise ------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_level_with_which_it_is_raised) {
    Answers const three{.impact = Impact::partly};
    Answers const four{.impact = Impact::minor};
    Answers const one{Impact::stopped, Scope::everybody, Workaround::none};
    struct Row {
        char const* what;
        std::optional<Severity> level;
        std::optional<Answers> answers;
        char const* reason;
        Person const& actor;
        std::optional<Severity> runs_as;
        bool unconfirmed = false;
        std::optional<Severity> asked_for{};
    };
    Row const rows[] = {
        {"nothing said", {}, {}, "", raiser, sev3},
        {"only a level", sev2, {}, "", raiser, sev2},
        {"no answer is no answer", sev2, Answers{}, "", raiser, sev2},
        {"only answers", {}, four, "", raiser, sev4},
        {"SEV1 without answers runs as SEV1", sev1, {}, "", raiser, sev1, true},
        {"SEV1 without answers, asked in a form", sev1, Answers{}, "", raiser, sev1, true},
        {"answers say SEV1", {}, one, "", raiser, sev1},
        {"both agree", sev1, one, "", raiser, sev1},
        {"one up without a reason", sev2, three, "", raiser, {}},
        {"one up", sev2, three, "They pay for it", raiser, sev2},
        {"one down", sev4, three, "It is a question", raiser, sev4},
        {"two up is asked for", sev2, four, "They pay for it", ana, sev4, false, sev2},
        {"two up by a lead", sev2, four, "They pay for it", lea, sev2},
        {"SEV1 runs as SEV1", sev1, three, "It burns", raiser, sev1, true},
        {"SEV1 by a manager is confirmed", sev1, three, "It burns", max, sev1},
        {"down from SEV1 is asked for", sev3, one, "It is one user", ana, sev1, false, sev3},
        {"down from SEV1 by a lead", sev3, one, "It is one user", lea, sev3},
    };
    for (auto const& row : rows) BOOST_TEST_CONTEXT(row.what) {
            auto const raised = rules::raised_severity({row.level, row.answers, "other", row.reason}, row.actor);
            BOOST_REQUIRE(raised.has_value() == row.runs_as.has_value());
            if (!raised) {
                BOOST_TEST(raised.error().cause == rules::refusal::text);
                continue;
            }
            BOOST_TEST(raised->severity == *row.runs_as);
            BOOST_TEST((raised->asked_for == row.asked_for));

            auto request = handler_test::request();
            request.severity = raised->severity;
            request.answers = raised->answers;
            auto decision = rules::raise(request, config.targets(request.severity), by(row.actor)).value();
            rules::explain_raised_severity(decision, *raised, config, ladder, by(row.actor));
            auto const& after = decision.after;
            BOOST_TEST(after.version == 1);
            auto const differs = raised->computed && row.level && *row.level != *raised->computed;
            BOOST_TEST(has_event(decision, EventType::severity_changed) == (differs && !row.asked_for));
            BOOST_TEST(has_event(decision, EventType::severity_requested) == row.asked_for.has_value());
            BOOST_TEST(after.details.severity_request.has_value() == row.asked_for.has_value());
            BOOST_TEST(told(decision).contains("U_LEA") == (row.asked_for || row.unconfirmed));
            if (differs) {
                BOOST_TEST(decision.events.back().text == row.reason);
            }
            BOOST_TEST(after.details.unconfirmed_since.has_value() == row.unconfirmed);
            BOOST_TEST((after.next_point == rules::next_point(after)));
            if (row.unconfirmed) BOOST_TEST((after.next_point <= t0 + 15min));
        }
}

BOOST_AUTO_TEST_CASE(every_severity_that_differs_from_the_computed_one_has_a_reason) {
    // Any sequence of accepted changes: the ledger holds a reason whenever level and answers differ.
    for (auto const& who : {ana, lea})
        for (auto const first : all_severities)
            for (auto const& answers :
                 {Answers{.impact = Impact::partly}, Answers{Impact::stopped, Scope::many, Workaround::none}})
                for (auto const* reason : {"", "Because"}) {
                    SeverityChoice const choice{first, answers, "other", reason};
                    auto const changed = rules::set_severity(at_level(sev3), choice, config, ladder, by(who));
                    if (!changed) continue;
                    auto const& after = changed->after;
                    if (after.details.computed == after.severity) continue;
                    auto const explained = std::any_of(changed->events.begin(), changed->events.end(),
                                                       [](auto const& event) { return !event.text.empty(); });
                    BOOST_TEST((explained || after.details.severity_request.has_value()));
                }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
