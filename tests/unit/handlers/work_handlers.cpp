// Typed, by button and by form: note, next step, promise, handoff note, helpers, watching, links, acknowledging; and the three
// that look: show, clock, history.
#include "handlers/rules/work.hpp"
#include "handlers/views/story.hpp"
#include "handlers/views/work.hpp"

#include "world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

namespace {

using namespace esc;
using namespace esc::handler_test;

std::string value_of(World const& world, EscalationId id) { return handlers::CardRef::make(world.at(id)); }
bool has(handlers::Outcome const& outcome, std::string_view part) { return text_of(outcome).find(part) != std::string::npos; }
bool opens(handlers::Outcome const& outcome, std::string_view callback) {
    return outcome.open_modal && outcome.open_modal->callback_id == callback && !outcome.refused;
}

EscalationId owned_one(World& world) {
    auto const id = world.open_one();
    BOOST_TEST(!world.escalate("claim 1", ana).refused);
    return id;
}

handlers::Outcome press_in_view(World& world, std::string_view action, std::string value, Person const& actor,
                                std::string callback = "esc.more") {
    slack::BlockAction press;
    press.user = actor.id;
    press.action_id = action;
    press.value = std::move(value);
    press.view_id = "V1";
    press.view_type = "modal";
    press.view_callback_id = std::move(callback);
    return world.send(press, actor);
}

BOOST_AUTO_TEST_SUITE(work_handlers)

BOOST_AUTO_TEST_CASE(a_verb_without_its_text_opens_the_form_for_who_may) {
    World world;
    auto const id = owned_one(world);
    for (auto const* verb : {"note", "next", "promise", "brief", "helper", "link"}) {
        BOOST_TEST_CONTEXT(verb) {
            BOOST_TEST(opens(world.escalate(fmt::format("{} 1", verb), ana), fmt::format("esc.{}", verb)));
            BOOST_TEST(opens(world.press(fmt::format("esc.{}", verb), value_of(world, id), ana), fmt::format("esc.{}", verb)));
            BOOST_TEST(world.escalate(fmt::format("{} 1", verb), bystander).refused);
            BOOST_TEST(world.escalate(fmt::format("{} 99", verb), ana).refused);
        }
    }
    BOOST_TEST(world.at(id).version == 2);
}

BOOST_AUTO_TEST_CASE(typed_work_is_kept_and_answered) {
    World world;
    auto const id = owned_one(world);
    BOOST_TEST(has(world.escalate("note 1 Seen  before, ask <@U_BEN|ben>", ana), "ESC-1"));
    BOOST_TEST(has(world.escalate("next 1 Ana calls them", ana), "ESC-1"));
    BOOST_TEST(world.at(id).details.next_step->text == "Ana calls them");
    auto const refused = world.escalate("next 1 Ben calls them", ben);
    BOOST_TEST(refused.refused);
    BOOST_TEST(has(refused, "Ben calls them"));  // nothing typed is lost
    BOOST_TEST(
        world.events(id) == (std::vector{EventType::raised, EventType::claimed, EventType::noted, EventType::next_step_set}),
        boost::test_tools::per_element());
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(forms_keep_what_was_written_and_stay_open_when_refused) {
    World world;
    auto const id = owned_one(world);
    auto const card = value_of(world, id);
    auto const refused = world.submit("esc.note", card, {{{"note", " \n"}}}, ana);
    BOOST_TEST_REQUIRE(refused.reply.view_errors.size() == 1U);
    BOOST_TEST(refused.reply.view_errors.front().first == "note");
    BOOST_TEST(text_of(world.submit("esc.note", card, {{{"note", "Seen before"}}}, ana)).empty());
    BOOST_TEST(text_of(world.submit("esc.next", card, {{{"next_step", "Call them"}}}, ana)).empty());
    BOOST_TEST(text_of(world.submit("esc.brief", card, {{{"trend", "worse"}, {"tried", "Restarted it"}}}, ana)).empty());
    auto const after = world.at(id);
    BOOST_TEST(after.details.next_step->text == "Call them");
    BOOST_TEST((after.details.brief->trend == Brief::Trend::worse));
    BOOST_TEST(has(world.submit("esc.brief", card, {{{"trend", "sideways"}}}, ana), "trend: "));
    // Written again, the last values are there.
    auto const again = world.escalate("brief 1", ana);
    BOOST_TEST_REQUIRE(again.open_modal.has_value());
    auto const form = boost::json::serialize(again.open_modal->json());
    BOOST_TEST(form.find("\"initial_value\":\"Restarted it\"") != std::string::npos);
    BOOST_TEST(form.find("\"initial_option\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_typed_after_brief_stands_in_its_form) {
    World world;
    auto const id = owned_one(world);
    auto const tried = [&](std::string const& text) {
        auto const outcome = world.escalate("brief 1 " + text, ana);
        return outcome.open_modal ? boost::json::serialize(outcome.open_modal->json()) : std::string{};
    };
    BOOST_TEST(tried("Restarted &lt;it&gt;  twice").find(R"("initial_value":"Restarted <it>  twice")") != std::string::npos);
    world.submit("esc.brief", value_of(world, id), {{{"trend", "worse"}, {"tried", "Restarted it"}}}, ana);
    BOOST_TEST(tried("Then again").find(R"("initial_value":"Restarted it\nThen again")") != std::string::npos);
    // What the form cannot hold comes back whole.
    std::string const much(2990, 'x');
    auto const refused = world.escalate("brief 1 " + much, ana);
    BOOST_TEST(refused.refused);
    BOOST_TEST(!refused.open_modal.has_value());
    BOOST_TEST(has(refused, "3003 characters"));
    std::size_t kept = 0;
    for (auto const c : text_of(refused)) kept += c == 'x' ? 1 : 0;
    BOOST_TEST(kept >= much.size());
    BOOST_TEST(has(world.escalate("brief 1 Seen before", bystander), "Seen before"));
}

BOOST_AUTO_TEST_CASE(a_form_that_no_answer_mends_gives_way_to_a_word_with_what_was_written) {
    World world;
    auto const id = owned_one(world);
    auto const card = value_of(world, id);
    auto const due = std::to_string(to_us(world.now + 2h) / 1'000'000);
    struct Row {
        std::string_view callback;
        std::map<std::string, std::string, std::less<>> values;
        std::string_view written;
    };
    for (auto const& row :
         {Row{"esc.note", {{"note", "Seen before"}}, "Seen before"}, Row{"esc.next", {{"next_step", "Call them"}}, "Call them"},
          Row{"esc.promise", {{"promise", "A call"}, {"due", due}, {"to", "Acme"}}, "Acme"},
          Row{"esc.brief", {{"trend", "worse"}, {"tried", "Restarted it"}, {"if_then", "Again"}}, "Again"},
          Row{"esc.link", {{"url", "https://acme.example/1"}}, "https://acme.example/1"}}) {
        auto const refused = world.submit(row.callback, card, {row.values}, outsider);
        BOOST_TEST(refused.refused, row.callback);
        BOOST_TEST(refused.reply.view_errors.empty(), row.callback);
        BOOST_TEST(has(refused, row.written), row.callback);
    }
    // Another one can be chosen, so that the form stays.
    BOOST_TEST(has(world.submit("esc.helper", card, {{{"helper", "U_ANA"}}}, ana), "helper: "));
    BOOST_TEST(has(world.submit("esc.helper", card, {{{"helper", "U_OUT"}}}, ana), "helper: "));
    auto const not_there = world.submit("esc.note", "77:v1", {{{"note", "Seen before"}}}, ana);
    BOOST_TEST(has(not_there, "ESC-77"));
    BOOST_TEST(has(not_there, "Seen before"));
    // Four texts of a handoff note are more than one section takes, and all of them are shown.
    std::string const much(2990, 'x');
    std::map<std::string, std::string, std::less<>> const all{
        {"tried", much}, {"theory", much}, {"blocker", much}, {"if_then", much + "END"}};
    BOOST_TEST(has(world.submit("esc.brief", card, {all}, outsider), "END"));
    BOOST_TEST(world.events(id).size() == 2U);
}

BOOST_AUTO_TEST_CASE(promises_are_typed_in_the_zone_of_who_makes_them) {
    struct Row {
        std::string own, service, typed;
        Instant due;
    };
    // t0 is 2023-11-14 22:13:20 UTC.
    for (auto const& row :
         {Row{"Europe/Berlin", "UTC", "23:30", t0 + 16min + 40s}, Row{"", "Europe/Berlin", "23:30", t0 + 16min + 40s},
          Row{"Mars/Base", "Europe/Berlin", "23:30", t0 + 16min + 40s}, Row{"", "UTC", "tomorrow 9:00", t0 + 10h + 46min + 40s},
          Row{"", "UTC", "2h 30m", t0 + 150min}}) {
        BOOST_TEST_CONTEXT(row.own << " " << row.typed) {
            World world;
            auto const id = owned_one(world);
            world.config->service.timezone = row.service;
            auto who = ana;
            who.timezone = row.own;
            BOOST_TEST(!world.escalate(fmt::format("promise 1 {} We call  back", row.typed), who).refused);
            auto const promise = world.at(id).details.promise;
            BOOST_REQUIRE(promise.has_value());
            BOOST_TEST(promise->due == row.due);
            BOOST_TEST(promise->text == "We call  back");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_promise_is_made_kept_and_nothing_else_understood_as_one) {
    World world;
    auto const id = owned_one(world);
    auto const misread = world.escalate("promise 1 soon we call back", ana);
    BOOST_TEST(misread.refused);
    BOOST_TEST(has(misread, "tomorrow 9:00"));
    BOOST_TEST(has(misread, "soon we call back"));
    BOOST_TEST(world.escalate("promise 1 kept", ana).refused);
    BOOST_TEST(opens(world.escalate("promise 1 2h", ana), "esc.promise"));  // the time is in the form, the text is missing
    BOOST_TEST(!world.at(id).details.promise);

    auto const card = value_of(world, id);
    auto const due = std::to_string(to_unix(t0 + 2h) + 1);
    BOOST_TEST(has(world.submit("esc.promise", card, {{{"promise", "A call"}, {"due", ""}}}, ana), "due: "));
    BOOST_TEST(has(world.submit("esc.promise", card, {{{"promise", "A call"}, {"due", "1600000000"}}}, ana), "due: "));
    BOOST_TEST(has(world.submit("esc.promise", card, {{{"promise", "A call"}, {"due", "99999999999999999999"}}}, ana), "due: "));
    BOOST_TEST(has(world.submit("esc.promise", card, {{{"promise", ""}, {"due", due}}}, ana), "promise: "));
    BOOST_TEST(text_of(world.submit("esc.promise", card, {{{"promise", "A call"}, {"due", due}, {"to", "Acme"}}}, ana)).empty());
    BOOST_TEST(world.at(id).details.promise->to == "Acme");
    BOOST_TEST(world.at(id).clock(ClockKind::promise) != nullptr);

    // Kept in the form: it shows that nothing is promised any more.
    auto const kept = press_in_view(world, views::promise_kept_action, value_of(world, id), ana, "esc.promise");
    BOOST_TEST_REQUIRE(kept.replace_modal.has_value());
    BOOST_TEST(boost::json::serialize(kept.replace_modal->json()).find("A call") == std::string::npos);
    BOOST_TEST(!world.at(id).details.promise);
    BOOST_TEST(!has(world.escalate("promise 1 2h Another", ana), "replaces"));
    // Another one takes its place, and who makes it is told of the one that is given up.
    auto const replaced = world.escalate("promise 1 3h A third", ana);
    for (auto const* part : {"Promised on ESC-1", "It replaces the promise of <@U_ANA>, due <!date^1700007200", "Another"})
        BOOST_TEST(has(replaced, part), text_of(replaced));
    BOOST_TEST(world.at(id).details.promise->text == "A third");
    BOOST_TEST(!has(world.escalate("promise 1 soon Another", ana), "replaces"));
    BOOST_TEST(!world.escalate("promise 1 KEPT", ana).refused);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(helpers_come_and_go) {
    World world;
    auto const id = owned_one(world);
    BOOST_TEST(has(world.escalate("helper 1 <@U_LEA|lea>", ana), "<@U_LEA>"));
    BOOST_TEST(world.snapshot().outbox_row("notice:1:helper-v3:U_LEA").has_value());
    BOOST_TEST(world.escalate("helper 1 <@U_LEA>", ana).refused);      // already
    BOOST_TEST(world.escalate("helper 1 <@U_NOBODY>", ana).refused);   // not known
    BOOST_TEST(world.escalate("helper 1 lea", ana).refused);           // a word is nobody
    BOOST_TEST(world.escalate("helper 1 <@U_OUT>", ana).refused);      // not of this workspace
    BOOST_TEST(world.escalate("helper 1 off <@U_BEN>", ana).refused);  // does not help
    BOOST_TEST(!world.escalate("helper 1 off <@U_LEA>", ana).refused);
    BOOST_TEST(world.snapshot().outbox_row("notice:1:helper-off-v4:U_LEA").has_value());
    BOOST_TEST(world.at(id).details.participants.empty());

    auto const card = value_of(world, id);
    BOOST_TEST(has(world.submit("esc.helper", card, {{{"helper", ""}}}, ana), "helper: "));
    BOOST_TEST(has(world.submit("esc.helper", card, {{{"helper", "U_NOBODY"}}}, ana), "helper: "));
    BOOST_TEST(text_of(world.submit("esc.helper", card, {{{"helper", "U_LEA"}}}, ana)).empty());
    auto const off =
        press_in_view(world, views::helper_off_action, views::helper_off_value(world.at(id), lea.id), ana, "esc.helper");
    BOOST_TEST(off.replace_modal.has_value());
    BOOST_TEST(world.at(id).details.participants.empty());
    for (auto const* value : {"", "12", ":", "12:v", "12:v7:", "x:v7:U1"})
        BOOST_TEST(world.press(views::helper_off_action, value, ana).refused, value);
    BOOST_TEST(world.at(id).owner == ana.id);
}

BOOST_AUTO_TEST_CASE(watching_is_turned_on_and_off) {
    World world;
    auto const id = owned_one(world);
    BOOST_TEST(has(world.escalate("watch 1", bystander), "You watch"));
    BOOST_TEST(!world.escalate("resolve 1 Restarted it", ana).refused);
    BOOST_TEST(world.snapshot().outbox_row("notice:1:watch-v4:U_ANYONE").has_value());
    BOOST_TEST(has(world.press("esc.watch", value_of(world, id), bystander), "do not watch"));
    BOOST_TEST(!world.escalate("reopen 1 Again", ana).refused);
    BOOST_TEST(!world.snapshot().outbox_row("notice:1:watch-v6:U_ANYONE").has_value());
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(an_alert_is_acknowledged_once) {
    World world;
    auto const id = owned_one(world);
    auto const passes_a_point = [&](std::size_t which) {
        world.now = world.at(id).clock(ClockKind::first_response)->points.at(which).at;
        world.run(handlers::fire_due_points(world.env({}), 10, std::make_shared<handlers::Fired>()));
    };
    auto const calm = world.escalate("ack 1", ana);
    BOOST_TEST(calm.refused);
    BOOST_TEST(has(calm, "There is nothing to acknowledge"));
    passes_a_point(0);
    BOOST_TEST(has(world.escalate("ack 1", ana), "on record"));
    BOOST_TEST(world.press("esc.ack", value_of(world, id), ana).refused);
    BOOST_TEST(!world.press("esc.ack", value_of(world, id), lea).refused);  // another one is another fact
    BOOST_TEST(world.escalate("ack 1", ben).refused);
    BOOST_TEST(world.events(id).size() == 5U);
    // A later alert is another one to acknowledge.
    passes_a_point(1);
    BOOST_TEST(!world.escalate("ack 1", ana).refused);
}

BOOST_AUTO_TEST_CASE(an_address_belongs_to_one_open_escalation) {
    World world;
    auto const first = world.open_one();
    auto const second = world.open_one("Exports fail");
    BOOST_TEST(has(world.escalate("link 1 <https://Acme.example/1/|acme>", ana), "ESC-1"));
    auto const links = world.snapshot().links(first);
    BOOST_TEST_REQUIRE(links.size() == 1U);
    BOOST_TEST(links.front().external_id == "https://acme.example/1");
    BOOST_TEST(links.front().url == "https://Acme.example/1/");
    BOOST_TEST(world.escalate("link 1 https://acme.example/1", ana).refused);  // it has it
    auto const taken = world.escalate("link 2 https://acme.example/1#c", ana);
    BOOST_TEST(taken.refused);
    BOOST_TEST(has(taken, "/escalate merge 2 into 1"));
    auto const form = world.submit("esc.link", value_of(world, second), {{{"url", "https://acme.example/1"}}}, ana);
    BOOST_TEST(has(form, "url: ESC-1"));
    BOOST_TEST(has(world.submit("esc.link", value_of(world, second), {{{"url", "no address"}}}, ana), "url: "));
    BOOST_TEST(world.escalate("link 2 https://acme.example/2", bystander).refused);

    // What is over gives it up, and both histories say so.
    BOOST_TEST(!world.escalate("claim 1", ana).refused);
    BOOST_TEST(!world.escalate("resolve 1 Restarted it", ana).refused);
    BOOST_TEST(!world.escalate("link 2 https://acme.example/1", ana).refused);
    BOOST_TEST(world.snapshot().links(first).empty());
    BOOST_TEST(world.snapshot().links(second).size() == 1U);
    BOOST_TEST(world.events(first).back() == EventType::linked);
    BOOST_TEST(has(world.escalate("history 1", ana), "Its link went to ESC-2"));
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(no_more_than_thirty_links) {
    World world;
    auto const id = world.open_one();
    for (std::size_t i = 0; i < rules::links_max; ++i)
        BOOST_TEST(!world.escalate(fmt::format("link 1 https://acme.example/{}", i), ana).refused);
    BOOST_TEST(world.escalate("link 1 https://acme.example/last", ana).refused);
    BOOST_TEST(world.snapshot().links(id).size() == rules::links_max);
}

// --- looking -------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(looking_answers_with_a_message_or_where_none_can_stand_with_a_form) {
    World world;
    auto const id = owned_one(world);
    world.escalate("note 1 Seen before", ana);
    for (auto const* verb : {"show", "clock", "history"}) {
        BOOST_TEST_CONTEXT(verb) {
            auto const route = fmt::format("esc.{}", verb);
            BOOST_TEST(has(world.escalate(fmt::format("{} 1", verb), bystander), "ESC-1"));
            BOOST_TEST(world.press(route, value_of(world, id), bystander).reply.message.has_value());
            auto const in_form = press_in_view(world, route, value_of(world, id), bystander);
            BOOST_TEST(opens(in_form, route));
            BOOST_TEST(!in_form.reply.message);
            BOOST_TEST(world.escalate(fmt::format("{} 99", verb), ana).refused);
            BOOST_TEST(world.escalate(fmt::format("{} 1", verb), outsider).refused);
            BOOST_TEST(press_in_view(world, route, value_of(world, id), outsider).refused);
        }
    }
    BOOST_TEST(world.at(id).version == 3);
}

BOOST_AUTO_TEST_CASE(show_says_what_the_reader_may_do_now) {
    World world;
    owned_one(world);
    BOOST_TEST(has(world.escalate("show 1", ana), "`resolve`"));
    BOOST_TEST(!has(world.escalate("show 1", ben), "`resolve`"));
    BOOST_TEST(has(world.escalate("show 1", max), "`override`"));
    BOOST_TEST(!has(world.escalate("show 1", ana), "`override`"));
}

BOOST_AUTO_TEST_CASE(history_turns_its_pages) {
    World world;
    auto const id = owned_one(world);
    for (int i = 1; i <= 43; ++i) world.escalate(fmt::format("note 1 number {}.", i), ana);  // 45 events
    auto const newest = world.escalate("history 1", ana);
    BOOST_TEST(has(newest, "45 events"));
    BOOST_TEST(has(newest, "number 43."));
    BOOST_TEST(has(newest, "number 24."));
    BOOST_TEST(!has(newest, "number 23."));
    BOOST_TEST(has(newest, "Older"));
    BOOST_TEST(!has(newest, "Newer"));
    auto const second = world.escalate("history 1 2", ana);
    BOOST_TEST(has(second, "number 23."));
    BOOST_TEST(has(second, "Newer"));
    auto const last = world.press(views::history_older_action, value_of(world, id) + ":3", ana);
    BOOST_TEST(has(last, "raised it"));
    BOOST_TEST(!has(last, "Older"));
    for (auto const* page : {"99", "99999999999999999999999", "x", "", "-1"})  // the nearest there is
        BOOST_TEST(has(world.press(views::history_newer_action, value_of(world, id) + ":" + page, ana), "45 events"), page);
    for (auto const* typed : {"history 1 0", "history 1 x", "history 1 2 3"})
        BOOST_TEST(world.escalate(typed, ana).refused, typed);
    auto const turned = press_in_view(world, views::history_older_action, value_of(world, id) + ":2", ana, "esc.history");
    BOOST_TEST(turned.replace_modal.has_value());  // in its own form the pages take each other's place
    BOOST_TEST(!turned.open_modal);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
