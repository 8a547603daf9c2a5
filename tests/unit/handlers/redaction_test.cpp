// Erasing texts: what goes, what stays, and that the ledger still verifies.
#include "handlers/redact.hpp"

#include "world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace {

using namespace esc;
using namespace esc::handler_test;

Result<handlers::Redacted> redact(World& world, handlers::Redaction const& what) {
    Result<handlers::Redacted> done = handlers::Redacted{};
    world.run(handlers::Work{[&](Tx& tx) {
        done = handlers::redact(tx, what, world.now);
        return handlers::done();
    }});
    return done;
}

std::size_t texts_of(World const& world, EscalationId id) {
    std::size_t count = 0;
    for (auto const& stored : world.snapshot().events(id))
        if (!stored.event.text.empty()) ++count;
    return count;
}

BOOST_AUTO_TEST_SUITE(redaction)

BOOST_AUTO_TEST_CASE(all_texts_of_one_escalation_go_and_the_ledger_verifies) {
    World world;
    auto const id = world.open_one("Jane Doe cannot log in");
    auto const other = world.open_one("Checkout fails");
    world.escalate("claim 1", ana);
    world.escalate("resolve 1 Reset the password of Jane Doe", ana);
    BOOST_REQUIRE(texts_of(world, id) == 2U);

    handlers::Redaction what;
    what.key = id;
    auto const erased = redact(world, what).value();
    BOOST_TEST(erased.escalations == 1);
    BOOST_TEST(erased.texts == 2);
    auto const after = world.at(id);
    BOOST_TEST(after.title == "(erased)");
    BOOST_TEST(after.resolution == "(erased)");
    BOOST_TEST(after.state == State::resolved);
    BOOST_TEST(after.owner == ana.id);
    BOOST_TEST(after.details.texts_erased);
    BOOST_TEST(texts_of(world, id) == 0U);
    BOOST_TEST(world.events(id).back() == EventType::redacted);
    BOOST_TEST(world.at(other).title == "Checkout fails");
    BOOST_TEST(world.problems().empty());

    // Twice is once.
    BOOST_TEST(redact(world, what).value().escalations == 0);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(what_one_person_wrote_goes_wherever_it_is) {
    World world;
    auto const first = world.open_one("Raised by the raiser");
    world.escalate("claim 1", ana);
    world.escalate("note 1 Ana was here", ana);
    world.escalate("Ana raised this", ana);
    auto const bystanding = world.open_one("Nobody else is here");  // nothing of hers, and no details
    handlers::Redaction what;
    what.author = ana.id;
    auto const erased = redact(world, what).value();
    BOOST_TEST(erased.escalations == 2);
    BOOST_TEST(!erased.more);
    BOOST_TEST(world.at(first).title == "Raised by the raiser");
    BOOST_TEST(world.at({2}).title == "(erased)");
    BOOST_TEST(world.at(bystanding).title == "Nobody else is here");
    for (auto const id : {first, EscalationId{2}})
        for (auto const& stored : world.snapshot().events(id))
            BOOST_TEST((stored.event.actor != ana.id || stored.event.text.empty()));
    BOOST_TEST(world.problems().empty());
}

// Raised by somebody else, with a reaction or in the form that is filled in from the message.
BOOST_AUTO_TEST_CASE(who_wrote_the_message_that_others_raised_is_its_author) {
    struct Row {
        char const* name;
        bool by_form;
        char const* title;  // of the form
        char const* text;   // of the message
        char const* written_by;
        bool goes;
    };
    constexpr auto jane = "Jane Doe cannot log in";
    for (auto const& row :
         {Row{"by a reaction", false, "", jane, "U_ANYONE", true}, Row{"by a form, as it is", true, jane, jane, "U_ANYONE", true},
          Row{"by a form, with more", true, "Ask: Jane Doe cannot log in", jane, "U_ANYONE", true},
          Row{"by a form, in other words", true, "A login fails", jane, "U_ANYONE", false},
          Row{"a few words, a line of the form", true, "Ana asks\nhelp", "help", "U_ANYONE", true},
          Row{"a few words, a line of the form after a chance", true, "The helpdesk asks\nhelp", "help", "U_ANYONE", true},
          Row{"a few words, which the form has by chance", true, "The helpdesk is down", "help", "U_ANYONE", false},
          Row{"written by another", false, "", jane, "U_BEN", false}, Row{"not told, as before", false, "", jane, "", false}}) {
        BOOST_TEST_CONTEXT(row.name) {
            World world;
            if (row.by_form) {
                auto raised = request(1);
                raised.origin = Origin::slack_message;
                raised.source = {{"C_SOURCE"}, {"1700000000.000100"}, {}};
                raised.title = row.title;
                raised.description = row.title;
                world.run(handlers::Work{[&](Tx& tx) {
                    tx.apply(rules::raise(raised, targets(), by(ana)).value());
                    return handlers::done();
                }});
            } else {
                world.react(ana);
            }
            handlers::LocateFacts facts{.id = {1}};
            facts.source_channel = channel("C_SOURCE");
            facts.message_text = row.text;
            facts.author = {row.written_by};
            world.locate(facts);
            BOOST_TEST(world.problems().empty());

            auto const texts = texts_of(world, {1});
            handlers::Redaction what;
            what.author = bystander.id;
            BOOST_TEST(handlers::count_redactions(world.snapshot(), what).value().texts == (row.goes ? 1 : 0));
            auto const erased = redact(world, what).value();
            BOOST_TEST(erased.escalations == (row.goes ? 1 : 0));
            BOOST_TEST(erased.texts == (row.goes ? 1 : 0));
            BOOST_TEST(texts_of(world, {1}) == (row.goes ? texts - 1 : texts));
            BOOST_TEST((world.at({1}).title == "(erased)") == row.goes);
            BOOST_TEST((world.at({1}).description == "(erased)") == row.goes);
            auto const waiting = world.outbox();
            BOOST_TEST((std::find(waiting.begin(), waiting.end(), "card:1") != waiting.end()));
            BOOST_TEST(world.problems().empty());
            BOOST_TEST(redact(world, what).value().escalations == 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_has_been_over_long_enough_goes_in_parts) {
    World world;
    for (int i = 1; i <= 3; ++i) {
        world.open_one(fmt::format("Trouble number {}", i));
        world.escalate(fmt::format("claim {}", i), ana);
    }
    world.escalate("resolve 1 done", ana);
    world.escalate("resolve 2 done", ana);
    world.now += 401 * 24h;
    world.escalate("resolve 3 done", ana);  // not long ago
    handlers::Redaction what;
    what.over_before = world.now - 400 * 24h;
    what.limit = 1;
    auto const one = redact(world, what).value();
    BOOST_TEST(one.escalations == 1);
    BOOST_TEST(one.more);
    what.after = one.last;
    auto const two = redact(world, what).value();
    BOOST_TEST(two.escalations == 1);
    what.after = two.last;
    BOOST_TEST(!redact(world, what).value().more);
    BOOST_TEST(world.at({1}).title == "(erased)");
    BOOST_TEST(world.at({2}).title == "(erased)");
    BOOST_TEST(world.at({3}).title == "Trouble number 3");
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(counting_changes_nothing) {
    World world;
    auto const id = world.open_one();
    handlers::Redaction what;
    what.key = id;
    auto const found = handlers::count_redactions(world.snapshot(), what).value();
    BOOST_TEST(found.escalations == 1);
    BOOST_TEST(found.texts == 1);
    BOOST_TEST(world.at(id).title == "Checkout fails");
    what.key = EscalationId{99};
    BOOST_TEST((handlers::count_redactions(world.snapshot(), what).error().code == Errc::not_found));
    BOOST_TEST((handlers::count_redactions(world.snapshot(), {}).error().code == Errc::invalid));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
