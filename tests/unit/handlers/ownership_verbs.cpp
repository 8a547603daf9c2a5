// Transfer, approve, deny, override, cover, assign and away as people type and press them: through the router and a store.
#include "handlers/act.hpp"
#include "handlers/away.hpp"
#include "handlers/owners.hpp"

#include "world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::Outcome;
using handlers::route;
using rules::Verb;

bool has(Outcome const& outcome, std::string_view part) { return text_of(outcome).find(part) != std::string::npos; }

std::string ref(World const& world, EscalationId id) { return handlers::CardRef::make(world.at(id)); }

std::string form_text(Outcome const& outcome) {
    return outcome.open_modal ? boost::json::serialize(outcome.open_modal->json()) : std::string{};
}
bool shows(Outcome const& outcome, std::string_view part) { return form_text(outcome).find(part) != std::string::npos; }

// One that Ana owns.
EscalationId anas(World& world, std::string text = "sev2 Checkout fails") {
    auto const id = world.open_one(std::move(text));
    BOOST_TEST(!world.escalate(fmt::format("claim {}", id.number), ana).refused);
    return id;
}

slack::ViewState state(std::map<std::string, std::string, std::less<>> values) {
    slack::ViewState state;
    state.values = std::move(values);
    return state;
}

slack::UserChanged changed(Person const& who, bool deleted) {
    slack::UserChanged event;
    event.user = who.id;
    event.now = slack::User{.id = who.id, .name = who.name, .deleted = deleted};
    return event;
}

void deactivate(World& world, Person const& who, bool active = false) {
    for (auto& person : world.people.table)
        if (person.id == who.id) person.active = active;
}

constexpr std::string_view why = "Ben knows the payment gateway";

BOOST_AUTO_TEST_SUITE(ownership_verbs)

// --- override ------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_typed_override_with_and_without_a_code) {
    struct Row {
        std::string_view typed;
        std::string_view code;
        std::string_view text;
        bool glass;
    };
    for (auto const& row : {Row{"Ben knows the payment gateway", "other", "Ben knows the payment gateway", false},
                            Row{"skill Ben knows the payment gateway", "skill", "Ben knows the payment gateway", false},
                            Row{"WORKLOAD she has eleven others", "workload", "she has eleven others", false},
                            Row{"break-glass nobody answers the phone", "other", "nobody answers the phone", true},
                            Row{"leave break-glass nobody answers the phone", "leave", "nobody answers the phone", true},
                            Row{"break-glass leave nobody answers the phone", "leave", "nobody answers the phone", true},
                            Row{"leave error in the rota of this week", "leave", "error in the rota of this week", false}}) {
        World world;
        auto const id = anas(world);
        auto const said = world.escalate(fmt::format("override {} <@U_BEN|ben> {}", id.number, row.typed), row.glass ? lea : max);
        BOOST_TEST(!said.refused, row.typed);
        BOOST_TEST(has(said, "<@U_BEN>"));
        BOOST_TEST(world.at(id).owner == ben.id);
        auto const event = world.snapshot().events(id).back().event;
        BOOST_TEST(event.type == EventType::overridden);
        BOOST_TEST(event.text == row.text);
        BOOST_TEST(event.data.find(fmt::format("\"code\":\"{}\"", row.code)) != std::string::npos, event.data);
        BOOST_TEST(event.data.find(fmt::format("\"break_glass\":{}", row.glass)) != std::string::npos, event.data);
        BOOST_TEST(world.problems().empty());
    }
}

BOOST_AUTO_TEST_CASE(every_override_that_is_refused_says_how) {
    struct Row {
        Person who;
        std::string_view typed;
        std::string_view says;
    };
    for (auto const& row : {Row{max, "override 1 <@U_BEN> too short", "15 characters"},
                            Row{max, "override 1 <@U_ANA> Ben knows the payment gateway", "owns ESC-1 already"},
                            Row{max, "override 1 <@U_RAISER> Ben knows the payment gateway", "active agent"},
                            Row{max, "override 1 <@U_NOBODY> Ben knows the payment gateway", "not known here"},
                            Row{max, "override 1 ben Ben knows the payment gateway", "type @"},
                            Row{max, "override 9 <@U_BEN> Ben knows the payment gateway", "ESC-9"},
                            Row{lea, "override 1 <@U_BEN> Ben knows the payment gateway", "break-glass"},
                            Row{adm, "override 1 <@U_BEN> Ben knows the payment gateway", "break-glass"},
                            Row{ana, "override 1 <@U_BEN> break-glass nobody answers", "Only managers"},
                            Row{ben, "override 1 <@U_BEN> break-glass nobody answers", "Only managers"}}) {
        World world;
        anas(world);
        auto const said = world.escalate(std::string{row.typed}, row.who);
        BOOST_TEST(said.refused, row.typed);
        BOOST_TEST(has(said, row.says), text_of(said));
        BOOST_TEST(has(said, "You typed"));  // nothing is lost
        BOOST_TEST(world.at({1}).owner == ana.id);
    }
}

BOOST_AUTO_TEST_CASE(an_agents_try_to_move_an_owner_is_kept_once) {
    World world;
    auto const id = anas(world);
    for (int i = 0; i < 3; ++i) world.escalate("override 1 <@U_BEN> break-glass nobody answers", ben);
    BOOST_TEST(world.events(id).back() == EventType::override_refused);
    BOOST_TEST(world.events(id).size() == 3U);
}

BOOST_AUTO_TEST_CASE(the_override_form_shows_load_zone_and_absence_and_who_must_break_the_glass) {
    World world;
    for (auto& person : world.people.table)
        if (person.id == ben.id) person.timezone = "Europe/Berlin";
    anas(world);
    auto const bens = world.open_one("Another");
    world.escalate(fmt::format("claim {}", bens.number), ben);
    world.escalate("away until 20h", lea);
    auto const form = world.escalate("override 1", max);
    BOOST_TEST(shows(form, "Name of U_BEN · 1 open · Europe/Berlin"));
    BOOST_TEST(shows(form, "Name of U_LEA · 0 open · away"));
    BOOST_TEST(!shows(form, "Name of U_ANA"));  // owns it already
    BOOST_TEST(!shows(form, "U_RAISER"));
    BOOST_TEST(!shows(form, "break the glass"));
    BOOST_TEST(shows(world.press(route(Verb::override_owner), ref(world, {1}), lea), "break the glass"));
    // Who may not is told before typing.
    BOOST_TEST(!world.press(route(Verb::override_owner), ref(world, {1}), ana).open_modal);
    // A person without a text opens it with the person chosen.
    BOOST_TEST(shows(world.escalate("override 1 <@U_BEN> skill", max), "initial_option"));
}

BOOST_AUTO_TEST_CASE(people_of_a_team_are_offered_for_its_escalations_only) {
    World world;
    for (auto const* team : {"support", "payments"}) world.config->teams.push_back({.name = team});  // the first has the rest
    auto member = person("U_PAY", Role::requester);
    member.team_roles = {{"payments", Role::agent}};
    world.people.table.push_back(member);
    anas(world);
    BOOST_TEST(!shows(world.escalate("override 1", max), "U_PAY"));
    BOOST_TEST(world.escalate(fmt::format("override 1 <@U_PAY> {}", why), max).refused);
    auto const all = handlers::all_owners(world.env(max));
    BOOST_TEST(handlers::find(all, {"U_PAY"}).has_value());
    BOOST_TEST(all.size() == 5U);  // each once
    auto of_team = world.at({1});
    of_team.team = "payments";
    auto const offered = handlers::candidates(all, of_team, world.snapshot(), world.now);
    BOOST_TEST(std::count_if(offered.begin(), offered.end(), [](auto const& one) { return one.person.id.value == "U_PAY"; }) ==
               1);
}

BOOST_AUTO_TEST_CASE(a_refused_override_form_stays_open_at_the_right_input) {
    World world;
    auto const id = anas(world);
    auto const form = world.press(route(Verb::override_owner), ref(world, id), max);
    BOOST_REQUIRE(form.open_modal.has_value());
    auto const metadata = form.open_modal->private_metadata;
    struct Row {
        std::string_view owner;
        std::string_view code;
        std::string_view text;
        std::string_view at;
    };
    for (auto const& row :
         {Row{"U_BEN", "skill", "short", "text"}, Row{"U_BEN", "boredom", why, "code"}, Row{"U_RAISER", "skill", why, "owner"},
          Row{"U_ANA", "skill", why, "owner"}, Row{"U_NOBODY", "skill", why, "owner"}, Row{"", "skill", why, "owner"}}) {
        auto const said = world.submit(
            route(Verb::override_owner), metadata,
            state({{"owner", std::string{row.owner}}, {"code", std::string{row.code}}, {"text", std::string{row.text}}}), max);
        BOOST_REQUIRE_EQUAL(said.reply.view_errors.size(), 1U);
        BOOST_TEST(said.reply.view_errors[0].first == row.at);
    }
    BOOST_TEST(world.at(id).owner == ana.id);
    auto const moved = state({{"owner", "U_BEN"}, {"code", "skill"}, {"text", "  Ben knows the payment gateway "}});
    BOOST_TEST(!world.submit(route(Verb::override_owner), metadata, moved, max).refused);
    BOOST_TEST(world.at(id).owner == ben.id);
}

BOOST_AUTO_TEST_CASE(of_two_overrides_at_once_the_second_is_told_who_was_faster) {
    World world;
    auto nina = person("U_NINA", Role::manager);
    world.people.table.push_back(nina);
    auto const id = anas(world);
    auto const card = ref(world, id);
    auto const one = world.press(route(Verb::override_owner), card, max);
    auto const other = world.press(route(Verb::override_owner), card, nina);
    auto const to = [](std::string who) {
        return state({{"owner", std::move(who)}, {"code", "skill"}, {"text", std::string{why}}});
    };
    BOOST_TEST(!world.submit(route(Verb::override_owner), one.open_modal->private_metadata, to("U_BEN"), max).refused);
    world.now += 5min;
    auto const late = world.submit(route(Verb::override_owner), other.open_modal->private_metadata, to("U_LEA"), nina);
    BOOST_TEST(late.refused);
    for (auto const* part : {"<@U_MAX>", "<@U_BEN>", "Ben knows the payment gateway", "open the form anew"})
        BOOST_TEST(has(late, part), text_of(late));
    BOOST_TEST(world.at(id).owner == ben.id);
    BOOST_TEST(world.at(id).hops == 1);
    // Typed in the same moment: the same. Later: it is meant.
    world.now += 5min;
    BOOST_TEST(!world.escalate(fmt::format("override 1 <@U_ANA> {}", why), max).refused);
    auto const again = fmt::format("override 1 <@U_LEA> {}", why);
    auto const typed = world.escalate(again, nina);
    BOOST_TEST(typed.refused);
    BOOST_TEST(has(typed, "<@U_MAX>"));
    BOOST_TEST(has(typed, "type it again after 10 seconds"));
    BOOST_TEST(
        has(world.escalate(fmt::format("override 1 <@U_BEN> {}", why), ben), "Only managers"));  // not the others' business
    world.now += 10s;
    BOOST_TEST(!world.escalate(again, nina).refused);
    BOOST_TEST(world.at(id).owner == lea.id);
    BOOST_TEST(world.problems().empty());
}

// --- assign --------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_assign_form_and_a_claim_meanwhile) {
    World world;
    auto const id = world.open_one();
    BOOST_TEST(has(world.escalate("assign 1", ana), "Only leads and managers"));
    auto const form = world.escalate("assign 1", lea);
    BOOST_TEST(shows(form, "Name of U_BEN · 0 open"));
    auto const metadata = form.open_modal->private_metadata;
    for (auto const* who : {"U_RAISER", "U_NOBODY", ""}) {
        auto const said = world.submit(route(Verb::assign), metadata, state({{"owner", who}}), lea);
        BOOST_REQUIRE_EQUAL(said.reply.view_errors.size(), 1U);
        BOOST_TEST(said.reply.view_errors[0].first == "owner");
    }
    world.press(route(Verb::claim), ref(world, id), ana);
    auto const late = world.submit(route(Verb::assign), metadata, state({{"owner", "U_BEN"}}), lea);
    BOOST_TEST(late.refused);
    BOOST_TEST(has(late, "<@U_ANA>"));
    BOOST_TEST(world.at(id).owner == ana.id);
    BOOST_TEST(has(world.press(route(Verb::assign), ref(world, id), lea), "<@U_ANA>"));  // told before choosing
    // The other way round.
    auto const second = world.open_one("Another");
    auto const card = ref(world, second);
    auto const opened = world.press(route(Verb::assign), card, lea);
    BOOST_TEST(!world.submit(route(Verb::assign), opened.open_modal->private_metadata, state({{"owner", "U_BEN"}}), lea).refused);
    BOOST_TEST(has(world.press(route(Verb::claim), card, ana), "<@U_BEN>"));
    BOOST_TEST(world.at(second).owner == ben.id);
}

BOOST_AUTO_TEST_CASE(who_gives_it_to_somebody_who_is_away_sees_that) {
    World world;
    world.escalate("away until 2h", ben);
    auto const warns = [](Outcome const& outcome) { return has(outcome, "<@U_BEN> is away until") && !outcome.refused; };
    world.open_one("Typed");
    BOOST_TEST(warns(world.escalate("assign 1 <@U_BEN>", lea)));
    BOOST_TEST(world.at({1}).owner == ben.id);
    auto const id = world.open_one("By form");
    BOOST_TEST(warns(world.submit(route(Verb::assign), ref(world, id), state({{"owner", "U_BEN"}}), lea)));
    BOOST_TEST(warns(world.escalate("owner:<@U_BEN> While it is raised", lea)));
    anas(world, "Overridden");
    BOOST_TEST(warns(world.escalate(fmt::format("override 4 <@U_BEN> {}", why), max)));
    anas(world, "Transferred");
    auto const form = world.escalate("transfer 5", ana);
    BOOST_TEST(shows(form, "Name of U_BEN · 4 open · away"));
    world.escalate("transfer 5 <@U_BEN> I leave at six", ana);
    BOOST_TEST(warns(world.press(route(Verb::approve), ref(world, {5}), max)));
    // Not about who is there, nor who is back.
    world.open_one("Another");
    BOOST_TEST(!has(world.escalate("assign 6 <@U_ANA>", lea), "away"));
    world.now += 2h + 1us;
    world.open_one("Later");
    BOOST_TEST(!has(world.escalate("assign 7 <@U_BEN>", lea), "away"));
}

// --- transfer, approve, deny ---------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(to_may_stand_before_the_person) {
    World world;
    world.open_one();
    BOOST_TEST(!world.escalate("assign 1 to <@U_ANA>", lea).refused);
    BOOST_TEST(world.at({1}).owner == ana.id);
    BOOST_TEST(!world.escalate("transfer 1 to <@U_BEN> to hand the shift over", ana).refused);
    BOOST_TEST(world.at({1}).details.transfer->to == ben.id);
    BOOST_TEST(world.at({1}).details.transfer->reason == "to hand the shift over");
    BOOST_TEST(shows(world.escalate("transfer 1 to <@U_BEN>", ana), "U_BEN"));
    BOOST_TEST(!world.escalate(fmt::format("override 1 to <@U_LEA> skill {}", why), max).refused);
    BOOST_TEST(world.at({1}).owner == lea.id);
    // Before anything else it is a word of the reason.
    BOOST_TEST(!world.escalate("transfer 1 to whoever is there", lea).refused);
    BOOST_TEST(world.at({1}).details.transfer->reason == "to whoever is there");
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(a_transfer_typed_and_by_form) {
    World world;
    auto const id = anas(world);
    BOOST_TEST(has(world.escalate("transfer 1 <@U_BEN> I leave at six", ana), "stays yours"));
    BOOST_TEST(world.at(id).details.transfer->to == ben.id);
    BOOST_TEST(!world.escalate("transfer 1 nobody here knows &lt;b&gt;", ana).refused);
    BOOST_TEST(world.at(id).details.transfer->to.empty());
    BOOST_TEST(world.at(id).details.transfer->reason == "nobody here knows <b>");
    BOOST_TEST(shows(world.escalate("transfer 1 <@U_BEN>", ana), "U_BEN"));  // asks why, with the person chosen
    auto const form = world.press(route(Verb::transfer), ref(world, id), ana);
    auto const metadata = form.open_modal->private_metadata;
    auto const said = [&](std::string owner, std::string text) {
        return world.submit(route(Verb::transfer), metadata, state({{"owner", std::move(owner)}, {"text", std::move(text)}}),
                            ana);
    };
    BOOST_TEST(said("U_BEN", " ").reply.view_errors.at(0).first == "text");
    BOOST_TEST(said("U_RAISER", "why").reply.view_errors.at(0).first == "owner");
    BOOST_TEST(said("U_NOBODY", "why").reply.view_errors.at(0).first == "owner");
    BOOST_TEST(!said("", "Shift ends").refused);
    BOOST_TEST(!said("U_LEA", "Shift ends").refused);
    BOOST_TEST(world.at(id).details.transfer->to == lea.id);
    for (auto const* part : {"Only its owner", "Its owner is <@U_ANA>"})
        BOOST_TEST(has(world.escalate("transfer 1 <@U_BEN> why", ben), part));
    BOOST_TEST(!has(world.escalate("transfer 1 <@U_BEN> why", outsider), "U_ANA>."));
    BOOST_TEST(!world.press(route(Verb::transfer), ref(world, id), ben).open_modal);
}

BOOST_AUTO_TEST_CASE(a_manager_approves_by_button_by_name_or_by_form) {
    World world;
    auto const id = anas(world);
    world.escalate("transfer 1 <@U_BEN> I leave at six", ana);
    BOOST_TEST(has(world.press(route(Verb::approve), ref(world, id), lea), "Only managers"));
    BOOST_TEST(!world.press(route(Verb::approve), ref(world, id), max).refused);
    BOOST_TEST(world.at(id).owner == ben.id);
    // Where the request names nobody, somebody must.
    world.escalate("transfer 1 I leave too", ben);
    auto const form = world.press(route(Verb::approve), ref(world, id), max);
    BOOST_TEST(shows(form, "Name of U_ANA"));
    auto const nobody =
        world.submit(route(Verb::approve), form.open_modal->private_metadata, state({{"owner", "U_RAISER"}}), max);
    BOOST_TEST(nobody.reply.view_errors.at(0).first == "owner");
    BOOST_TEST(!world.submit(route(Verb::approve), form.open_modal->private_metadata, state({{"owner", "U_ANA"}}), max).refused);
    BOOST_TEST(world.at(id).owner == ana.id);
    world.escalate("transfer 1 Again", ana);
    BOOST_TEST(shows(world.escalate("approve 1", max), "U_BEN"));
    BOOST_TEST(has(world.escalate("approve 1 <@U_LEA>", max), "<@U_LEA>"));
    BOOST_TEST(world.at(id).owner == lea.id);
    BOOST_TEST(world.at(id).hops == 3);
    BOOST_TEST(world.problems().empty());
}

// A list of a hundred people reads much: that is no work for the one that writes.
BOOST_AUTO_TEST_CASE(the_form_that_a_press_opens_is_made_by_a_reader) {
    World world;
    auto const id = anas(world);
    world.escalate("transfer 1 I leave at six", ana);
    slack::BlockAction press;
    press.user = max.id;
    press.action_id = route(Verb::approve);
    press.value = ref(world, id);
    auto const plan = world.router.prepare(press, world.env(max));
    auto const outcome = world.run(std::get<handlers::Work>(plan.value()));
    BOOST_TEST(!outcome.open_modal.has_value());
    BOOST_REQUIRE(static_cast<bool>(outcome.then));
    BOOST_TEST(shows(outcome.then(world.snapshot()), "Name of U_BEN"));
}

BOOST_AUTO_TEST_CASE(whom_a_request_names_may_have_gone_since) {
    World world;
    auto const id = anas(world);
    world.escalate("transfer 1 <@U_BEN> I leave at six", ana);
    deactivate(world, ben);
    auto const said = world.press(route(Verb::approve), ref(world, id), max);
    BOOST_TEST(said.refused);
    BOOST_TEST(has(said, "approve 1 @user"));
    BOOST_TEST(!world.escalate("approve 1 <@U_LEA>", max).refused);
}

BOOST_AUTO_TEST_CASE(who_decides_after_somebody_else_is_told_who_it_was) {
    World world;
    auto nina = person("U_NINA", Role::manager);
    world.people.table.push_back(nina);
    auto const id = anas(world);
    BOOST_TEST(has(world.escalate("approve 1", max), "No request on ESC-1"));
    world.escalate("transfer 1 <@U_BEN> I leave at six", ana);
    auto const message = ref(world, id);
    auto const form = world.press(route(Verb::deny), message, max);
    BOOST_TEST(world.submit(route(Verb::deny), form.open_modal->private_metadata, state({{"text", " "}}), max)
                   .reply.view_errors.at(0)
                   .first == "text");
    BOOST_TEST(
        !world.submit(route(Verb::deny), form.open_modal->private_metadata, state({{"text", "You know it"}}), max).refused);
    BOOST_TEST(world.at(id).owner == ana.id);
    auto const late = world.press(route(Verb::approve), message, nina);
    BOOST_TEST(late.refused);
    BOOST_TEST(has(late, "<@U_MAX> denied the transfer"), text_of(late));
    BOOST_TEST(world.at(id).owner == ana.id);
    // Denied after it was approved, with the reason kept.
    world.escalate("transfer 1 <@U_BEN> I leave at six", ana);
    auto const open = world.press(route(Verb::deny), ref(world, id), nina);
    BOOST_TEST(!world.escalate("approve 1", max).refused);
    auto const denied = world.submit(route(Verb::deny), open.open_modal->private_metadata, state({{"text", "Not now"}}), nina);
    BOOST_TEST(denied.refused);
    for (auto const* part : {"<@U_MAX> gave it to <@U_BEN>", "Not now"}) BOOST_TEST(has(denied, part), text_of(denied));
    BOOST_TEST(world.at(id).owner == ben.id);
}

BOOST_AUTO_TEST_CASE(an_answer_to_an_older_request_decides_nothing) {
    World world;
    auto const id = anas(world);
    world.escalate("transfer 1 <@U_BEN> I leave at six", ana);
    auto const message = ref(world, id);
    world.escalate("transfer 1 <@U_LEA> rather Lea", ana);
    auto const said = world.press(route(Verb::approve), message, max);
    BOOST_TEST(said.refused);
    BOOST_TEST(has(said, "<@U_LEA>"));
    BOOST_TEST(world.at(id).owner == ana.id);
    BOOST_TEST(!world.press(route(Verb::approve), ref(world, id), max).refused);
    BOOST_TEST(world.at(id).owner == lea.id);
}

BOOST_AUTO_TEST_CASE(a_severity_is_approved_and_denied_with_the_same_verbs) {
    World world;
    auto const id = anas(world, "sev3 Checkout fails");
    BOOST_TEST(!world.escalate("severity 1 sev1 everybody is affected", ana).refused);
    BOOST_REQUIRE(world.at(id).details.severity_request.has_value());
    BOOST_TEST(!world.escalate("deny 1 it is one customer", lea).refused);
    BOOST_TEST(!world.at(id).details.severity_request.has_value());
    BOOST_TEST(world.at(id).severity == Severity::sev3);
    BOOST_TEST(has(world.escalate("approve 1", lea), "<@U_LEA> denied the severity"));
    world.escalate("severity 1 sev1 everybody is affected", ana);
    BOOST_TEST(has(world.escalate("approve 1", lea), "SEV1"));
    BOOST_TEST(world.at(id).severity == Severity::sev1);
    // Somebody's SEV1 by reaction or text waits for a word as well.
    auto const other = world.open_one("sev1 All is down");
    BOOST_TEST(world.at(other).details.unconfirmed_since.has_value());
    BOOST_TEST(!world.escalate("approve 2", lea).refused);
    BOOST_TEST(!world.at(other).details.unconfirmed_since.has_value());
}

BOOST_AUTO_TEST_CASE(a_level_that_was_warranted_is_approved_or_graded) {
    World world;
    auto const resolve = [&](EscalationId id, std::string const& level) {
        world.submit(route(Verb::resolve), ref(world, id),
                     state({{"resolution", "Rolled back"},
                            {"exit", "met"},
                            {"exit_text", "Looked"},
                            {"cause", "bug"},
                            {"preventable", "no"},
                            {"customer_told", "yes"},
                            {"warranted", level}}),
                     ana);
    };
    auto const first = anas(world, "sev3 Checkout fails");
    BOOST_TEST(has(world.escalate("grade 1 sev2", lea), "only of what is resolved"));
    resolve(first, "SEV2");
    auto const older = ref(world, first);
    BOOST_TEST(has(world.escalate("approve 1", ben), "Only leads and managers"));
    BOOST_TEST(has(world.escalate("grade 1 sev2", ben), "Only leads and managers"));
    BOOST_TEST(has(world.escalate("deny 1 it was not", lea), "grade 1 sev2"));
    BOOST_TEST(has(world.escalate("approve 1 <@U_BEN>", lea), "No transfer of ESC-1 waits"));
    BOOST_TEST(has(world.escalate("grade 1 high", lea), "grade 1 sev3"));
    BOOST_TEST(shows(world.escalate("grade 1", lea), "Which level was warranted?"));
    // What was said anew is another question.
    world.escalate("reopen 1 it fails again", ana);
    resolve(first, "SEV4");
    BOOST_TEST(has(world.press(route(Verb::approve), older, lea), "says now that SEV4 was warranted"));
    BOOST_TEST(has(world.escalate("approve 1", lea), "SEV4 was warranted"));
    BOOST_TEST(world.at(first).details.warranted->graded_by == lea.id);
    BOOST_TEST(has(world.escalate("approve 1", max), "<@U_LEA> said that SEV4 was warranted"));
    BOOST_TEST(has(world.escalate("grade 1 sev2", max), "settled already"));

    auto const second = anas(world, "sev3 Imports fail");
    resolve(second, "SEV2");
    BOOST_TEST(has(world.escalate("grade 2 sev4", max), "SEV4 was warranted"));
    BOOST_TEST((world.at(second).details.warranted->level == Severity::sev4));
}

BOOST_AUTO_TEST_CASE(with_two_requests_one_says_which) {
    World world;
    auto const id = anas(world, "sev3 Checkout fails");
    auto const both = [&] {
        world.escalate("severity 1 sev1 everybody is affected", ana);
        world.escalate("transfer 1 <@U_BEN> I leave at six", ana);
    };
    both();
    for (auto const& form : {world.escalate("approve 1", max), world.press(route(Verb::approve), ref(world, id), max),
                             world.escalate("deny 1 no", max), world.press(route(Verb::deny), ref(world, id), max)})
        for (auto const* part : {"The transfer", "The severity"}) BOOST_TEST(shows(form, part));
    BOOST_TEST(world.at(id).owner == ana.id);
    BOOST_TEST(!world.escalate("approve 1 transfer", max).refused);
    BOOST_TEST(world.at(id).owner == ben.id);
    BOOST_TEST(world.at(id).severity == Severity::sev3);
    BOOST_TEST(!world.escalate("approve 1 severity", max).refused);
    BOOST_TEST(world.at(id).severity == Severity::sev1);
    // By form.
    World second;
    anas(second, "sev3 Checkout fails");
    second.escalate("severity 1 sev1 everybody is affected", ana);
    second.escalate("transfer 1 I leave at six", ana);
    auto const form = second.escalate("approve 1", max);
    BOOST_TEST(!second
                    .submit(route(Verb::approve), form.open_modal->private_metadata,
                            state({{"which", "severity"}, {"owner", "U_BEN"}}), max)
                    .refused);
    BOOST_TEST(second.at({1}).severity == Severity::sev1);
    BOOST_TEST(second.at({1}).owner == ana.id);
    // A reason may begin with the word.
    BOOST_TEST(!second.escalate("deny 1 severity stays, and so do you", max).refused);
    BOOST_TEST(second.snapshot().events({1}).back().event.text == "severity stays, and so do you");
    World third;
    anas(third, "sev3 Checkout fails");
    third.escalate("severity 1 sev1 everybody is affected", ana);
    third.escalate("transfer 1 I leave at six", ana);
    BOOST_TEST(!third.escalate("deny 1 severity it is one customer", max).refused);
    BOOST_TEST(third.snapshot().events({1}).back().event.text == "it is one customer");
    BOOST_TEST(third.at({1}).details.transfer.has_value());
}

// What was typed before the form stands in it, and who cannot be the owner is told so there.
BOOST_AUTO_TEST_CASE(a_move_without_a_reason_keeps_what_was_typed) {
    World world;
    anas(world);
    auto const form = world.escalate("override 1 <@U_BEN> break-glass skill", lea);
    for (auto const* part : {"\"initial_option\":{\"text\":{\"type\":\"plain_text\",\"text\":\"Name of U_BEN",
                             "\"value\":\"skill\"}", "\"initial_options\""})
        BOOST_TEST(shows(form, part), part);
    for (auto const* command : {"override 1 <@U_RAISER>", "override 1 <@U_ANA>"})
        BOOST_TEST(shows(world.escalate(command, max), "who cannot be chosen"), command);
    BOOST_TEST(shows(world.escalate("transfer 1 <@U_RAISER>", ana), "You named <@U_RAISER>"));
    BOOST_TEST(!shows(form, "who cannot be chosen"));
}

// --- cover ---------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_acting_owner_typed_and_by_form) {
    World world;
    auto const id = anas(world);
    BOOST_TEST(has(world.escalate("cover 1 <@U_BEN> until 2h", ana), "<@U_BEN> acts for <@U_ANA>"));
    BOOST_TEST(world.at(id).details.coverage->until == t0 + 2h);
    BOOST_TEST(!world.escalate("cover 1 <@U_LEA> 3h", ana).refused);
    BOOST_TEST(world.at(id).details.coverage->acting == lea.id);
    BOOST_TEST(has(world.escalate("cover 1 off", lea), "Nobody acts for <@U_ANA>"));
    BOOST_TEST(!world.at(id).details.coverage.has_value());
    BOOST_TEST(has(world.escalate("cover 1 off", ana), "Nobody acts"));
    BOOST_TEST(world.escalate("cover 1 <@U_BEN> until breakfast", ana).refused);
    BOOST_TEST(has(world.escalate("cover 1 <@U_BEN> until 400h", ana), "14 days"));
    BOOST_TEST(has(world.escalate("cover 1 <@U_BEN> until 2h", ben), "Only its owner"));
    BOOST_TEST(shows(world.escalate("cover 1 <@U_BEN>", ana), "initial_option"));

    auto const form = world.press(route(Verb::cover), ref(world, id), lea);
    BOOST_TEST(shows(form, "Name of U_BEN"));
    BOOST_TEST(!shows(form, "End it?"));
    auto const metadata = form.open_modal->private_metadata;
    auto const until = [](Instant at) { return fmt::format("{}", to_unix(at)); };
    auto const submit = [&](std::string who, std::string when) {
        return world.submit(route(Verb::cover), metadata, state({{"owner", std::move(who)}, {"until", std::move(when)}}), lea);
    };
    BOOST_TEST(submit("U_ANA", until(t0 + 2h)).reply.view_errors.at(0).first == "owner");
    BOOST_TEST(submit("", until(t0 + 2h)).reply.view_errors.at(0).first == "owner");
    for (auto const& when :
         {until(t0), until(t0 + 400h), std::string{}, std::string{"soon"}, std::string{"99999999999999999999"}})
        BOOST_TEST(submit("U_BEN", when).reply.view_errors.at(0).first == "until", when);
    BOOST_TEST(!submit("U_BEN", until(t0 + 2h)).refused);
    BOOST_TEST(world.at(id).details.coverage->acting == ben.id);
    auto const again = world.press(route(Verb::cover), ref(world, id), lea);
    BOOST_TEST(shows(again, "End it?"));
    BOOST_TEST(!world.submit(route(Verb::cover), again.open_modal->private_metadata, state({{"end", "yes"}}), lea).refused);
    BOOST_TEST(!world.at(id).details.coverage.has_value());
    BOOST_TEST(world.problems().empty());
}

// --- away ----------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_long_absence_flags_what_one_owns_and_unassigns_nothing) {
    World world;
    anas(world);
    anas(world);
    world.open_one("Nobody owns this");
    auto const resolved = anas(world);
    world.escalate("resolve 4 done", ana);
    BOOST_TEST(has(world.escalate("away", ana), "You are not away"));
    auto const said = world.escalate("away until 20h", ana);
    for (auto const* part : {"ESC-1, ESC-2", "Nothing was unassigned", "stay yours", "Managers are told", "/escalate cover 1"})
        BOOST_TEST(has(said, part), text_of(said));
    BOOST_TEST(!has(said, "ESC-4"));
    for (auto const id : {EscalationId{1}, EscalationId{2}}) {
        BOOST_TEST(world.at(id).owner == ana.id);
        BOOST_REQUIRE(world.at(id).details.unavailable.has_value());
        BOOST_TEST(*world.at(id).details.unavailable->until == t0 + 20h);
        BOOST_TEST(world.events(id).back() == EventType::owner_unavailable);
    }
    BOOST_TEST(!world.at({3}).details.unavailable.has_value());
    BOOST_TEST(!world.at(resolved).details.unavailable.has_value());
    BOOST_TEST(has(world.escalate("away", ana), "away until"));
    BOOST_TEST(has(world.escalate("away off", ana), "not away any more"));
    BOOST_TEST(!world.at({1}).details.unavailable.has_value());
    BOOST_TEST(!world.snapshot().away(ana.id).has_value());
    BOOST_TEST(has(world.escalate("away off", ana), "were not away"));
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(a_short_absence_flags_nothing) {
    World world;
    anas(world);
    BOOST_TEST(world.config->service.away_limit == 4h);
    auto const said = world.escalate("away until 4h", ana);
    BOOST_TEST(has(said, "ESC-1 stays yours"));
    BOOST_TEST(!has(said, "Managers"));
    BOOST_TEST(!world.at({1}).details.unavailable.has_value());
    BOOST_TEST(world.snapshot().away(ana.id)->until == t0 + 4h);
    // Shorter after all: what was flagged is not any more.
    world.escalate("away until 20h", ana);
    BOOST_TEST(world.at({1}).details.unavailable.has_value());
    world.escalate("away until 1h", ana);
    BOOST_TEST(!world.at({1}).details.unavailable.has_value());
    BOOST_TEST(has(world.escalate("away until 20h", ben), "You own nothing"));
}

BOOST_AUTO_TEST_CASE(what_begins_with_away_may_be_a_title) {
    World world;
    BOOST_TEST(!world.escalate("away message is shown to all customers", ana).refused);
    BOOST_TEST(world.at({1}).title == "away message is shown to all customers");
    for (auto const* text : {"away until", "away until monday message breaks", "away 12", "away until 9999h"}) {
        auto const said = world.escalate(text, ana);
        BOOST_TEST(said.refused, text);
        BOOST_TEST(!world.snapshot().escalation({2}).has_value(), text);
    }
    BOOST_TEST(has(world.escalate("away 12", ana), "away until 18:00"));
    BOOST_TEST(world.escalate("away until 2h", outsider).refused);
    BOOST_TEST(has(world.escalate("help", ana), "away until 18:00"));
}

BOOST_AUTO_TEST_CASE(the_form_of_a_hundred_owned_ones_names_twenty) {
    World world;
    for (int i = 0; i < 120; ++i) anas(world);
    auto const said = world.escalate("away until 20h", ana);
    BOOST_TEST(has(said, "and 100 more"));
    BOOST_TEST(world.at({120}).details.unavailable.has_value());
    BOOST_TEST(world.at({1}).details.unavailable.has_value());
}

// --- people who go and come back -----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_deactivated_owner_is_flagged_and_a_reactivated_one_is_not) {
    World world;
    auto const id = anas(world);
    BOOST_TEST(world.router.concerns_us(changed(ana, true), *world.config));
    world.send(changed(ana, true), ana);
    BOOST_TEST(world.at(id).owner == ana.id);
    BOOST_REQUIRE(world.at(id).details.unavailable.has_value());
    BOOST_TEST(world.at(id).details.unavailable->deactivated);
    deactivate(world, ana);
    world.send(changed(ana, true), ana);  // Slack's second try
    BOOST_TEST(world.events(id).size() == 3U);
    world.send(changed(ben, true), ben);  // owns nothing
    world.send(changed(ana, false), ana);
    BOOST_TEST(!world.at(id).details.unavailable.has_value());
    BOOST_TEST(world.events(id).back() == EventType::owner_back);
    // A changed name or status concerns nobody, and costs no transaction.
    deactivate(world, ana, true);
    auto const plan = world.router.prepare(changed(ana, false), world.env(ana));
    BOOST_TEST(std::holds_alternative<handlers::Nothing>(plan.value()));
    auto untold = changed(ana, true);
    untold.now.reset();
    BOOST_TEST(std::holds_alternative<handlers::Nothing>(world.router.prepare(untold, world.env(ana)).value()));
}

BOOST_AUTO_TEST_CASE(what_nobody_told_is_found_by_looking) {
    World world;
    auto const id = anas(world);
    auto const bens = world.open_one("Another");
    world.escalate("claim 2", ben);
    world.escalate("cover 2 <@U_LEA> until 9h", ben);
    world.open_one("Nobody owns this");
    auto const people = handlers::people_in_charge(world.snapshot());
    BOOST_TEST(people == (std::vector{ana.id, ben.id, lea.id}), boost::test_tools::per_element());
    auto const look = [&](handlers::Active const& active) {
        auto const ids = handlers::to_look_after(world.snapshot(), active, *world.config, world.now);
        world.run(handlers::look_after(ids, active, world.env({})));
        return ids;
    };
    BOOST_TEST(look({{ana.id, true}, {ben.id, true}, {lea.id, true}}).empty());
    BOOST_TEST(look({}).empty());  // not known is not gone
    // Owner and acting owner, gone while the service was down.
    BOOST_TEST(look({{ana.id, false}, {lea.id, false}}).size() == 2U);
    BOOST_TEST(world.at(id).details.unavailable->deactivated);
    BOOST_TEST(world.at(id).owner == ana.id);
    BOOST_TEST(!world.at(bens).details.coverage.has_value());
    BOOST_TEST(look({{ana.id, false}, {lea.id, false}}).empty());
    BOOST_TEST(look({{ana.id, true}}).size() == 1U);
    BOOST_TEST(!world.at(id).details.unavailable.has_value());
    // Made owner during a long absence.
    world.escalate("away until 20h", lea);
    BOOST_TEST(!world.escalate("assign 3 <@U_LEA>", max).refused);
    BOOST_TEST(*world.at({3}).details.unavailable->until == t0 + 20h);  // at once
    BOOST_TEST(look({}).empty());
    world.now += 17h;  // what is left of it is short
    world.escalate("override 1 <@U_LEA> she is back in three hours", max);
    BOOST_TEST(look({}).empty());
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
