// Every verb by everybody in every state, through its handler against a store: done exactly when the table of access says so. A
// refusal says who may or why nobody can, and changes nothing but the record of the try.
#include "handlers/act.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/ownership.hpp"
#include "handlers/views/states.hpp"

#include "world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace esc;
using namespace esc::handler_test;
using rules::Verb;
using slack::ViewState;

Person const eva = person("U_EVA", Role::requester);    // the engineer
Person const hugo = person("U_HUGO", Role::requester);  // a helper
Person const acting = person("U_ACTING", Role::agent);  // acts for ana
Person const left = [] {
    auto one = person("U_LEFT", Role::manager);
    one.active = false;
    return one;
}();
std::vector<Person const*> const everybody{&outsider, &left, &bystander, &raiser, &adm, &hugo,
                                           &eva,      &ana,  &acting,    &ben,    &lea, &max};

// What engineering is asked for, which cannot be typed.
ViewState const engineering{{{"reason", "A fix"},
                             {"repro", "Press pay"},
                             {"logs", "Trace 12"},
                             {"impact", "Nobody can pay"},
                             {"deadline", "Tonight"},
                             {"engineer", "U_EVA"}}};

struct Desk : World {
    Desk() {
        for (auto const* one : {&eva, &hugo, &acting, &left}) people.table.push_back(*one);
        for (auto& targets : config->sla) targets.engineering = 30min;
        config->reopen_window = 24h;
        open_one();                // ESC-1, of which this is
        open_one("Imports fail");  // ESC-2, into which it can be merged
        escalate("claim 2", ana);  // by the same, for whom the same person acts
        escalate("cover 2 <@U_ACTING> until 9h", ana);
    }
    [[nodiscard]] std::string card() const { return handlers::CardRef::make(at({1})); }
    void must(std::string const& line, Person const& actor) {
        auto const outcome = escalate(line, actor);
        BOOST_REQUIRE_MESSAGE(!outcome.refused, line << ": " << text_of(outcome));
    }
};

struct Situation {
    std::string_view name;
    State state;
    std::function<void(Desk&)> come;
};

void owned(Desk& desk) {
    desk.must("claim 1", ana);
    desk.must("helper 1 <@U_HUGO>", ana);
    desk.must("cover 1 <@U_ACTING> until 5h", ana);
}

void warranted(Desk& desk) {
    owned(desk);
    auto form = resolution();
    form.values["warranted"] = "SEV4";
    desk.submit(handlers::route(Verb::resolve), desk.card(), form, ana);
    BOOST_REQUIRE(rules::level_waits(desk.at({1})));
}

std::vector<Situation> const& situations() {
    static std::vector<Situation> const all{
        {"new", State::fresh, [](Desk&) {}},
        {"new, too late to undo", State::fresh, [](Desk& desk) { desk.now += 3min; }},
        {"assigned", State::working, [](Desk& desk) { desk.must("assign 1 <@U_ANA>", lea); }},
        {"working", State::working, owned},
        {"answered", State::working,
         [](Desk& desk) {
             owned(desk);
             desk.must("replied 1", ana);
         }},
        {"overdue", State::working,
         [](Desk& desk) {
             owned(desk);
             desk.now += 4h;
             desk.run(handlers::fire_due_points(desk.env({}), 100, std::make_shared<handlers::Fired>()));
         }},
        {"asked for a transfer", State::working,
         [](Desk& desk) {
             owned(desk);
             desk.must("transfer 1 <@U_BEN> My shift ends at six", ana);
         }},
        {"asked for a severity", State::working,
         [](Desk& desk) {
             owned(desk);
             desk.must("severity 1 sev1 Nobody can log in", ben);
         }},
        {"waiting on the customer", State::waiting_customer,
         [](Desk& desk) {
             owned(desk);
             desk.must("wait 1 customer their logs", ana);
         }},
        {"waiting on a vendor", State::waiting_vendor,
         [](Desk& desk) {
             owned(desk);
             ViewState const form{{{"reason", "A patch"}, {"reference", "CASE-1"}, {"review_at", "1700003600"}}};
             desk.submit(views::wait_vendor_callback, desk.card(), form, ana);
         }},
        {"waiting on engineering", State::waiting_engineering,
         [](Desk& desk) {
             owned(desk);
             desk.submit(views::wait_engineering_callback, desk.card(), engineering, ana);
         }},
        {"with engineering", State::waiting_engineering,
         [](Desk& desk) {
             owned(desk);
             desk.submit(views::wait_engineering_callback, desk.card(), engineering, ana);
             desk.must("accept 1", eva);
         }},
        {"mitigated", State::mitigated,
         [](Desk& desk) {
             owned(desk);
             desk.must("mitigated 1 They pay by invoice", ana);
         }},
        {"resolved", State::resolved,
         [](Desk& desk) {
             owned(desk);
             desk.must("resolve 1 Rolled back", ana);
         }},
        {"closed", State::closed,
         [](Desk& desk) {
             owned(desk);
             desk.must("resolve 1 Rolled back", ana);
             desk.now += 25h;
             desk.run(handlers::fire_due_points(desk.env({}), 100, std::make_shared<handlers::Fired>()));
         }},
        {"resolved, and another level was warranted", State::resolved, warranted},
        {"closed, and another level was warranted", State::closed,
         [](Desk& desk) {
             warranted(desk);
             desk.now += 25h;
             desk.run(handlers::fire_due_points(desk.env({}), 100, std::make_shared<handlers::Fired>()));
         }},
        {"graded", State::resolved,
         [](Desk& desk) {
             warranted(desk);
             desk.must("grade 1 sev3", lea);
         }},
        {"declined", State::declined, [](Desk& desk) { desk.must("decline 1 A question", lea); }},
        {"withdrawn", State::declined, [](Desk& desk) { desk.must("undo 1", raiser); }},
        {"merged", State::merged,
         [](Desk& desk) {
             owned(desk);
             desk.must("merge 1 into 2", lea);
         }},
        {"merged long ago", State::merged,
         [](Desk& desk) {
             owned(desk);
             desk.must("merge 1 into 2", lea);
             desk.now += 24h * 8;
         }},
    };
    return all;
}

// What waits already can be made to wait for longer.
bool waits_for_longer(Verb verb, Escalation const& escalation, rules::By const& by) {
    return verb == Verb::wait && is_waiting(escalation.state) && rules::makes_sense(verb, escalation, by.now);
}

// What is typed behind the verb and the key, with all that it takes. What is not named takes nothing; a handoff note needs its
// form.
std::string line_of(Verb verb, Escalation const& escalation, rules::By const& by) {
    static std::map<std::string_view, std::string_view> const words{
        {"assign", "<@U_BEN>"},
        {"transfer", "<@U_BEN> My shift ends at six"},
        {"deny", "You know it best"},
        {"override", "<@U_BEN> skill Ben knows it better"},
        {"cover", "<@U_BEN> until 3h"},
        {"severity", "sev2 It spreads to the imports"},
        {"grade", "sev3"},
        {"wait", "customer their logs"},
        {"mitigated", "They pay by invoice"},
        {"next", "Ask the provider"},
        {"promise", "2h An update"},
        {"note", "Only cards are affected"},
        {"describe", "Exports fail"},
        {"helper", "<@U_BEN>"},
        {"resolve", "The certificate was renewed"},
        {"reopen", "It fails again"},
        {"decline", "A question"},
        {"merge", "into 2"},
        {"link", "https://tickets.example/7"},
    };
    auto const name = rules::to_string(verb);
    if (verb == Verb::brief) return {};
    if (verb == Verb::override_owner && by.actor.role < Role::manager)
        return "override 1 <@U_BEN> break-glass Ben knows it better";
    if (verb == Verb::cover && rules::only_hands_back(escalation, by)) return "cover 1 off";
    if (waits_for_longer(verb, escalation, by)) return "wait 1 until 240h They are on holiday";
    auto const behind = words.find(name);
    return fmt::format("{} 1{}{}", name, behind == words.end() ? "" : " ", behind == words.end() ? "" : behind->second);
}

// What one fills in to do it, where there is a form for it now.
ViewState fields_of(Verb verb, Escalation const& escalation, rules::By const& by) {
    auto const in_3h = std::to_string(std::chrono::duration_cast<std::chrono::seconds>((by.now + 3h).time_since_epoch()).count());
    std::string const glass = by.actor.role < Role::manager ? "yes" : "";
    std::string const how = rules::is_responsible(escalation, by.actor, by.now) ? "resumed" : "fixed";
    bool const moves = escalation.details.transfer.has_value();
    bool const hands_back = rules::only_hands_back(escalation, by);
    switch (verb) {
        case Verb::assign:
            return {{{"owner", "U_BEN"}}};
        case Verb::transfer:
            return {{{"owner", "U_BEN"}, {"text", "My shift ends at six"}}};
        case Verb::approve:
            return moves ? ViewState{{{"owner", "U_BEN"}}} : ViewState{};
        case Verb::deny:
            return {{{"text", "You know it best"}}};
        case Verb::override_owner:
            return {{{"owner", "U_BEN"}, {"code", "skill"}, {"text", "Ben knows it better"}, {"break_glass", glass}}};
        case Verb::cover:
            if (hands_back) return {{{"end", "yes"}}};
            return {{{"owner", "U_BEN"}, {"until", in_3h}}};
        case Verb::severity:
            return {{{"severity", "SEV2"}, {"severity_reason", "It spreads to the imports"}}};
        case Verb::grade:
            return {{{"level", "SEV3"}}};
        case Verb::wait:
            if (waits_for_longer(verb, escalation, by)) return {};
            return {{{"on", "customer"}, {"reason", "their logs"}, {"asked", "yes"}}};
        case Verb::resume:
            if (escalation.state != State::waiting_engineering) return {};
            return {{{"how", how}, {"text", "The gateway is new"}}};
        case Verb::mitigate:
            return {{{"workaround", "They pay by invoice"}}};
        case Verb::next_step:
            return {{{"next_step", "Ask the provider"}}};
        case Verb::promise:
            return {{{"promise", "An update"}, {"due", in_3h}}};
        case Verb::brief:
            return {{{"trend", "worse"}, {"tried", "Restarted it"}}};
        case Verb::note:
            return {{{"note", "Only cards are affected"}}};
        case Verb::helper:
            return {{{"helper", "U_BEN"}}};
        case Verb::resolve:
            return resolution();
        case Verb::reopen:
            return {{{"reason", "It fails again"}}};
        case Verb::decline:
            return {{{"reason", "A question"}}};
        case Verb::merge:
            return {{{"into", "ESC-2"}}};
        case Verb::link:
            return {{{"url", "https://tickets.example/7"}}};
        default:
            return {};
    }
}

std::optional<slack::Payload> form_of(Verb verb, std::string card, ViewState fields, Person const& actor) {
    if (fields.values.empty()) return std::nullopt;
    slack::ViewSubmission form;
    form.user = actor.id;
    form.callback_id = handlers::route(verb);
    form.private_metadata = std::move(card);
    form.state = std::move(fields);
    return form;
}

slack::Payload pressed(Verb verb, std::string card, Person const& actor) {
    slack::BlockAction press;
    press.user = actor.id;
    press.action_id = handlers::route(verb);
    press.value = std::move(card);
    return press;
}

bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

bool names_somebody(std::string const& text) {
    for (auto const* who :
         {"owner", "leads", "managers", "admins", "agents", "raised it", "helpers", "engineer", "this workspace"})
        if (has(text, who)) return true;
    return false;
}

bool keeps_a_refusal(EventType type) {
    return type == EventType::claim_refused || type == EventType::assign_refused || type == EventType::override_refused;
}

void check_refusal(World::Tried const& tried, World::Tried const& before, Result<void> const& may) {
    auto const said = text_of(tried.outcome);
    BOOST_TEST(!said.empty());
    if (!may && may.error().code == Errc::forbidden) BOOST_TEST(names_somebody(said), said);
    BOOST_TEST(tried.after->version == before.after->version);
    BOOST_TEST(tried.events.size() >= before.events.size());
    for (std::size_t at = before.events.size(); at < tried.events.size(); ++at)
        BOOST_TEST(keeps_a_refusal(tried.events[at]), tried.events[at]);
    BOOST_TEST(tried.outbox == before.outbox);
}

// What is not offered and done all the same: whoever was assigned may as well claim it.
bool done_besides(Verb verb, Escalation const& escalation, Person const& actor) {
    return verb == Verb::claim && rules::is_owner(escalation, actor) && !escalation.accepted_at;
}

BOOST_AUTO_TEST_SUITE(every_verb)

BOOST_AUTO_TEST_CASE(is_done_exactly_when_the_table_says_so) {
    for (auto const& situation : situations()) {
        Desk desk;
        situation.come(desk);
        BOOST_REQUIRE_EQUAL(desk.at({1}).state, situation.state);
        auto const before = desk.tried(typed("help", ana), ana);
        for (auto const verb : rules::all_verbs)
            for (auto const* actor : everybody) {
                auto const escalation = desk.at({1});
                auto const by = rules::By{*actor, desk.now, "trace"};
                auto const may = rules::may(verb, escalation, by);
                auto const line = line_of(verb, escalation, by);
                auto const form = form_of(verb, desk.card(), fields_of(verb, escalation, by), *actor);
                BOOST_TEST_CONTEXT(situation.name << ": " << rules::to_string(verb) << " by " << actor->id) {
                    bool const expected = rules::offered(verb, escalation, by) || done_besides(verb, escalation, *actor);
                    auto const check = [&](std::string_view way, slack::Payload const& payload) {
                        auto const tried = desk.tried(payload, *actor);
                        BOOST_TEST(tried.outcome.refused != expected, way << ": " << text_of(tried.outcome));
                        if (tried.outcome.refused) check_refusal(tried, before, may);
                    };
                    BOOST_REQUIRE((!line.empty() || form));
                    if (!line.empty()) check("typed", typed(line, *actor));
                    if (form) check("by form", *form);

                    // Its button: refused, or done, or it opens its form.
                    auto const press = desk.tried(pressed(verb, desk.card(), *actor), *actor);
                    if (!may) BOOST_TEST(press.outcome.refused, text_of(press.outcome));
                    if (expected) BOOST_TEST(!press.outcome.refused, text_of(press.outcome));
                    if (press.outcome.refused) check_refusal(press, before, may);
                }
            }
        BOOST_TEST(desk.problems().empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
