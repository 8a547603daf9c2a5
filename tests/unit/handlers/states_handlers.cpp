// The verbs that change the state, typed, pressed and as forms, against a store.
#include "handlers/rules/lifecycle.hpp"
#include "handlers/views/states.hpp"

#include "states_data.hpp"
#include "world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;
using slack::ViewState;

std::string card_of(World const& world, EscalationId id) { return handlers::CardRef::make(world.at(id)); }
bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }
std::string error_at(handlers::Outcome const& outcome) {
    return outcome.reply.view_errors.empty() ? std::string{} : outcome.reply.view_errors.front().first;
}

ViewState engineering() {
    return {{{"reason", "A fix"},
             {"repro", "Press pay"},
             {"logs", "Trace 12"},
             {"impact", "Nobody can pay"},
             {"deadline", "Tonight"},
             {"engineer", ""}}};
}

struct Desk : World {
    Desk() {
        people.table.push_back(eva);
        for (auto& targets : config->sla) targets.engineering = 30min;
    }
    EscalationId claimed(std::string text = "Checkout fails") {
        auto const id = open_one(std::move(text));
        escalate(fmt::format("claim {}", id.number), ana);
        return id;
    }
    ~Desk() {
        auto const found = problems();
        BOOST_TEST(found.empty(), (found.empty() ? std::string{} : found.front()));
    }
};

BOOST_AUTO_TEST_SUITE(states_handlers)

BOOST_AUTO_TEST_CASE(waiting_on_the_customer_typed_and_as_a_form) {
    Desk desk;
    auto const id = desk.claimed();
    desk.escalate("wait 1 customer their logs", ana);
    BOOST_TEST(desk.at(id).state == State::waiting_customer);
    BOOST_TEST(desk.at(id).details.waiting->reason == "their logs");
    desk.press("esc.resume", card_of(desk, id), ana);
    BOOST_TEST(desk.at(id).state == State::working);

    BOOST_TEST(desk.press("esc.wait", card_of(desk, id), ana).open_modal.has_value());
    BOOST_TEST(!desk.press("esc.wait", card_of(desk, id), ben).open_modal.has_value());
    auto const send = [&](ViewState state) { return desk.submit("esc.wait", card_of(desk, id), std::move(state), ana); };
    BOOST_TEST(error_at(send({{{"on", "customer"}, {"reason", only_controls}, {"asked", "yes"}}})) == "reason");
    BOOST_TEST(error_at(send({{{"on", "nobody"}, {"reason", "Logs"}}})) == "on");
    BOOST_TEST(error_at(send({{{"on", "customer"}, {"reason", "Logs"}}})) == "asked");
    BOOST_TEST(error_at(send({{{"on", "customer"}, {"reason", too_long}, {"asked", "yes"}}})) == "reason");
    BOOST_TEST(desk.at(id).state == State::working);
    send({{{"on", "customer"}, {"reason", "Logs"}, {"asked", "yes"}}});
    BOOST_TEST(desk.at(id).state == State::waiting_customer);
}

BOOST_AUTO_TEST_CASE(a_vendor_and_engineering_need_a_second_form) {
    Desk desk;
    auto const id = desk.claimed();
    auto const next = desk.submit("esc.wait", card_of(desk, id), {{{"on", "vendor"}, {"reason", "A patch"}}}, ana);
    BOOST_REQUIRE(next.open_modal.has_value());
    BOOST_TEST(next.open_modal->callback_id == views::wait_vendor_callback);
    auto const vendor = [&](std::string reference, std::string review_at) {
        return desk.submit(views::wait_vendor_callback, card_of(desk, id),
                           {{{"reason", "A patch"}, {"reference", reference}, {"review_at", review_at}}}, ana);
    };
    BOOST_TEST(error_at(vendor("", "1700003600")) == "reference");
    for (auto const* at : {"", "soon", "1", "99999999999999999999", "-5", "1999999999"})
        BOOST_TEST(error_at(vendor("CASE-1", at)) == "review_at");
    BOOST_TEST(!vendor("CASE-1", "1700003600").refused);
    BOOST_TEST(desk.at(id).state == State::waiting_vendor);
    BOOST_TEST((desk.at(id).details.waiting->until == t0 + 1h));
    desk.escalate("resume 1", ana);

    BOOST_REQUIRE(desk.escalate("wait 1 engineering a fix", ana).open_modal.has_value());
    for (auto const* block : {"reason", "repro", "logs", "impact", "deadline"}) {
        auto state = engineering();
        state.values[block] = " ";
        BOOST_TEST(error_at(desk.submit(views::wait_engineering_callback, card_of(desk, id), state, ana)) == block);
    }
    for (auto const* who : {"U_NOBODY", "U_OUT", "U_ANA"}) {
        auto state = engineering();
        state.values["engineer"] = who;
        BOOST_TEST(error_at(desk.submit(views::wait_engineering_callback, card_of(desk, id), state, ana)) == "engineer", who);
    }
    desk.submit(views::wait_engineering_callback, card_of(desk, id), engineering(), ana);
    BOOST_TEST(desk.at(id).state == State::waiting_engineering);
}

BOOST_AUTO_TEST_CASE(a_vendor_on_a_sev1_is_a_leads_word) {
    Desk desk;
    desk.escalate("sev1 Nobody can pay", raiser);
    desk.escalate("claim 1", ana);
    BOOST_TEST(has(text_of(desk.escalate("wait 1 vendor a patch", ana)), "lead or manager"));
    BOOST_TEST(error_at(desk.submit("esc.wait", card_of(desk, {1}), {{{"on", "vendor"}, {"reason", "A patch"}}}, ana)) == "on");
    BOOST_TEST(desk.escalate("wait 1 vendor a patch", lea).open_modal.has_value());
    BOOST_TEST(desk.press("esc.wait", card_of(desk, {1}), lea).open_modal.has_value());
}

BOOST_AUTO_TEST_CASE(a_wrong_word_after_wait_says_which_there_are) {
    Desk desk;
    desk.claimed();
    BOOST_TEST(has(text_of(desk.escalate("wait 1 godot he never comes", ana)), "customer, vendor or engineering"));
    BOOST_TEST(desk.escalate("wait 1", ana).open_modal.has_value());
    BOOST_TEST(desk.escalate("wait 1 customer", ana).open_modal.has_value());
}

BOOST_AUTO_TEST_CASE(engineering_accepts_fixes_and_gives_back) {
    Desk desk;
    auto const id = desk.claimed();
    auto const hand_over = [&] { desk.submit(views::wait_engineering_callback, card_of(desk, id), engineering(), ana); };
    hand_over();
    desk.press("esc.accept", card_of(desk, id), eva);
    BOOST_TEST(desk.at(id).details.waiting->engineer == eva.id);
    BOOST_REQUIRE(desk.press("esc.resume", card_of(desk, id), eva).open_modal.has_value());
    auto const send = [&](ViewState state, Person const& who) {
        return desk.submit("esc.resume", card_of(desk, id), std::move(state), who);
    };
    BOOST_TEST(error_at(send({{{"how", "fixed"}, {"text", ""}}}, eva)) == "text");
    BOOST_TEST(error_at(send({{{"how", "bounced"}, {"text", "Not us"}}}, eva)) == "code");
    BOOST_TEST(error_at(send({{{"how", "bounced"}, {"code", "other"}, {"text", ""}}}, eva)) == "text");
    send({{{"how", "bounced"}, {"code", "not_ours"}, {"text", ""}}}, eva);
    BOOST_TEST(desk.at(id).details.bounces == 1);
    hand_over();
    BOOST_TEST(has(text_of(desk.escalate("resume 1 bounced busy no time", eva)), "not-ours"));
    desk.escalate("resume 1 bounced More-Information which browser", eva);
    BOOST_TEST(desk.at(id).details.bounces == 2);
    hand_over();
    desk.escalate("resume 1 fixed in 4.2", eva);
    BOOST_TEST(desk.at(id).state == State::working);
    BOOST_TEST(desk.at(id).details.bounces == 2);
    hand_over();
    BOOST_TEST(desk.escalate("resume 1", ana).open_modal.has_value());
    send({{{"how", "resumed"}}}, ana);
    BOOST_TEST(desk.at(id).state == State::working);
}

BOOST_AUTO_TEST_CASE(a_workaround_typed_and_as_a_form) {
    Desk desk;
    auto const id = desk.claimed();
    BOOST_TEST(desk.escalate("mitigated 1", ana).open_modal.has_value());
    BOOST_TEST(error_at(desk.submit("esc.mitigated", card_of(desk, id), {{{"workaround", " "}}}, ana)) == "workaround");
    desk.submit("esc.mitigated", card_of(desk, id), {{{"workaround", "By invoice"}}}, ana);
    BOOST_TEST(desk.at(id).state == State::mitigated);
    desk.press("esc.resume", card_of(desk, id), ana);
    desk.escalate("mitigated 1 by invoice", ana);
    BOOST_TEST(desk.at(id).details.workaround == "by invoice");
}

BOOST_AUTO_TEST_CASE(declining_typed_and_as_a_form) {
    Desk desk;
    auto const id = desk.open_one();
    BOOST_TEST(!desk.press("esc.decline", card_of(desk, id), ana).open_modal.has_value());
    BOOST_TEST(desk.press("esc.decline", card_of(desk, id), lea).open_modal.has_value());
    BOOST_TEST(desk.escalate("decline 1", lea).open_modal.has_value());
    BOOST_TEST(error_at(desk.submit("esc.decline", card_of(desk, id), {{{"reason", only_controls}}}, lea)) == "reason");
    desk.submit("esc.decline", card_of(desk, id), {{{"reason", "For sales"}}}, lea);
    BOOST_TEST(desk.at(id).state == State::declined);
    desk.open_one();
    desk.escalate("decline 2 for sales", max);
    BOOST_TEST(desk.at({2}).state == State::declined);
}

BOOST_AUTO_TEST_CASE(a_form_that_comes_too_late_keeps_what_was_written) {
    Desk desk;
    auto const id = desk.open_one();
    auto const form = card_of(desk, id);
    desk.escalate("claim 1", ana);
    auto const outcome = desk.submit("esc.decline", form, {{{"reason", "For sales, I think"}}}, lea);
    BOOST_TEST(outcome.refused);
    BOOST_TEST(has(text_of(outcome), "For sales, I think"));
    // An error at an input comes too late where the form has given way meanwhile.
    auto const short_text =
        desk.submit("esc.transfer", card_of(desk, id), {{{"owner", "U_ANA"}, {"text", "My shift ends"}}}, ana);
    BOOST_TEST(error_at(short_text) == "owner");
    BOOST_TEST(has(boost::json::serialize(short_text.reply.after_form->blocks_json()), "My shift ends"));
}

BOOST_AUTO_TEST_CASE(every_refusal_of_a_merged_one_leads_to_the_card_of_the_other) {
    Desk desk;
    desk.claimed("Checkout fails");
    desk.claimed("Payment fails");
    desk.claimed("Nothing can be paid");
    desk.run(handlers::Work{[&](Tx& tx) {
        tx.save_surface({"card:1", {1}, {"C_TRIAGE"}, {"1.2"}, "https://x.slack.com/archives/C_TRIAGE/p1", "h", t0});
        return handlers::done();
    }});
    desk.escalate("merge 2 into 1", ana);
    for (auto const* typed : {"claim 2", "merge 2 into 3", "merge 2", "approve 2", "deny 2 no", "deny 2", "reopen 2", "assign 2",
                              "link 2 https://acme.example/1"}) {
        auto const outcome = desk.escalate(typed, max);
        BOOST_TEST(outcome.refused, typed);
        BOOST_TEST(has(text_of(outcome), "p1|ESC-1"), typed);
    }
    desk.now += 24h * 8;
    BOOST_TEST(has(text_of(desk.escalate("unmerge 2", max)), "p1|ESC-1"));
}

slack::ReactionRemoved taken_back(Person const& who, std::string reaction = "rotating_light",
                                  std::string ts = "1700000000.000100") {
    slack::ReactionRemoved event;
    event.user = who.id;
    event.reaction = std::move(reaction);
    event.item = {{"C_SOURCE"}, {std::move(ts)}, {}};
    return event;
}

BOOST_AUTO_TEST_CASE(undo_by_button_typed_and_by_taking_the_reaction_back) {
    Desk desk;
    desk.config->reactions["sos"] = Severity::sev2;
    desk.react(raiser);
    BOOST_REQUIRE(desk.at({1}).state == State::fresh);
    auto const source = desk.at({1}).source;
    auto const event = [&](Person const& who, std::string reaction) {
        auto made = taken_back(who, std::move(reaction));
        made.item = source;
        return made;
    };
    desk.send(event(ana, "rotating_light"), ana);  // not who raised it
    desk.send(event(raiser, "sos"), raiser);       // not the one it was raised with
    desk.send(event(raiser, "wave"), raiser);
    BOOST_TEST(desk.at({1}).state == State::fresh);
    desk.send(event(raiser, "rotating_light"), raiser);
    BOOST_TEST(desk.at({1}).state == State::declined);
    // It was a slip; now it is meant.
    desk.react(raiser);
    BOOST_TEST(desk.at({2}).state == State::fresh);
    desk.press("esc.undo", card_of(desk, {2}), raiser);
    BOOST_TEST(desk.at({2}).state == State::declined);
    desk.react(raiser);
    desk.now += 2min + 1us;
    desk.send(event(raiser, "rotating_light"), raiser);  // too late: nothing
    BOOST_TEST(desk.at({3}).state == State::fresh);
    BOOST_TEST(has(text_of(desk.escalate("undo 3", raiser)), "two minutes"));
}

BOOST_AUTO_TEST_CASE(what_others_raised_as_well_is_not_undone_by_a_reaction) {
    Desk desk;
    desk.react(raiser);
    desk.react(ana);
    auto event = taken_back(raiser);
    event.item = desk.at({1}).source;
    auto const again = desk.events({1});
    BOOST_TEST((std::find(again.begin(), again.end(), EventType::raised_again) != again.end()));
    desk.send(event, raiser);
    BOOST_TEST(desk.at({1}).state == State::fresh);
    BOOST_TEST(has(text_of(desk.press("esc.undo", card_of(desk, {1}), raiser)), "Others have raised ESC-1 as well"));
    BOOST_TEST(has(text_of(desk.escalate("undo 1", raiser)), "a lead can decline it"));
    BOOST_TEST(desk.at({1}).state == State::fresh);
}

BOOST_AUTO_TEST_CASE(what_others_raised_by_a_mention_is_not_undone) {
    Desk desk;
    auto const mention = [&](Person const& who, std::string ts) {
        slack::AppMention said;
        said.user = who.id;
        said.text = "<@U_BOT> escalate Checkout fails";
        said.message = {{"C_SOURCE"}, {std::move(ts)}, {"1700000000.000100"}};
        return desk.send(said, who);
    };
    mention(raiser, "1700000000.000200");
    mention(raiser, "1700000000.000300");
    BOOST_TEST(!has(text_of(desk.escalate("undo 1", bystander)), "Others"));  // no business of theirs
    mention(ana, "1700000000.000400");
    BOOST_TEST(has(text_of(desk.escalate("undo 1", raiser)), "Others have raised"));
    BOOST_TEST(desk.at({1}).state == State::fresh);
    // Nobody but the raiser twice.
    Desk other;
    other.react(raiser);
    other.react(raiser);
    BOOST_TEST(has(text_of(other.escalate("undo 1", raiser)), "undone"));
}

BOOST_AUTO_TEST_CASE(the_resolve_form_asks_for_all_of_it) {
    Desk desk;
    auto const id = desk.claimed();
    for (auto const* block : {"resolution", "exit", "exit_text", "cause", "preventable", "customer_told"}) {
        auto state = resolution();
        state.values.erase(block);
        BOOST_TEST(error_at(desk.submit("esc.resolve", card_of(desk, id), state, ana)) == block);
    }
    desk.submit("esc.resolve", card_of(desk, id), resolution(), ana);
    BOOST_TEST(desk.at(id).state == State::resolved);
    BOOST_TEST(desk.at(id).details.exit_criteria == "Checked: The graph");
    BOOST_TEST(desk.at(id).details.cause == "bug");
    BOOST_TEST((desk.at(id).details.preventable == false));
    BOOST_TEST(error_at(desk.submit("esc.reopen", card_of(desk, id), {{{"reason", ""}}}, ana)) == "reason");
    desk.submit("esc.reopen", card_of(desk, id), {{{"reason", "Again"}}}, ana);
    BOOST_TEST(desk.at(id).state == State::working);
    auto waived = resolution();
    waived.values["exit"] = "waived";
    desk.submit("esc.resolve", card_of(desk, id), waived, ana);
    BOOST_TEST(desk.at(id).details.exit_criteria == "Waived: The graph");
}

BOOST_AUTO_TEST_CASE(merge_and_unmerge_typed_pressed_and_as_a_form) {
    Desk desk;
    desk.claimed("Checkout fails");
    desk.claimed("Payment fails");
    BOOST_TEST(has(text_of(desk.escalate("merge 2 into 9", ana)), "ESC-9"));
    BOOST_TEST(has(text_of(desk.escalate("merge 2 into 2", ana)), "itself"));
    BOOST_TEST(desk.press("esc.merge", card_of(desk, {2}), ana).open_modal.has_value());
    BOOST_TEST(error_at(desk.submit("esc.merge", card_of(desk, {2}), {{{"into", "the other"}}}, ana)) == "into");
    BOOST_TEST(error_at(desk.submit("esc.merge", card_of(desk, {2}), {{{"into", "ESC-9"}}}, ana)) == "into");
    desk.submit("esc.merge", card_of(desk, {2}), {{{"into", " esc-1 "}}}, ana);
    BOOST_TEST(desk.at({2}).state == State::merged);
    desk.press("esc.unmerge", card_of(desk, {2}), ana);
    BOOST_TEST(desk.at({2}).state == State::working);
    desk.escalate("merge 2 into 1", ana);
    BOOST_TEST(desk.at({2}).state == State::merged);
    BOOST_TEST((desk.at({2}).details.merge->into == EscalationId{1}));
    desk.escalate("unmerge 2", ana);
    desk.escalate("merge 2 1", ana);
    BOOST_TEST(desk.at({2}).state == State::merged);
}

BOOST_AUTO_TEST_CASE(unmerging_the_first_of_two_changes_on_record_what_the_second_would_give_back) {
    Desk desk;
    for (auto const* what : {"sev4 Slow", "sev3 Slower", "sev2 Stands still"}) desk.claimed(what);
    auto const own = desk.at({1}).clocks;
    desk.escalate("merge 2 into 1", lea);
    desk.now += 1min;
    desk.escalate("merge 3 into 1", lea);
    auto const before = desk.at({3});
    desk.escalate("unmerge 2", lea);
    BOOST_TEST((desk.at({3}).details.merge->parent_had != before.details.merge->parent_had));
    BOOST_TEST(desk.at({3}).version == before.version + 1);
    BOOST_TEST(has(text_of(desk.escalate("history 3", lea)), "took ESC-2 out of ESC-1, where this one stays"));
    desk.escalate("unmerge 3", lea);
    BOOST_TEST((desk.at({1}).clocks == own));
    BOOST_TEST(desk.problems().empty());
}

BOOST_AUTO_TEST_CASE(an_unmerge_through_the_store_gives_the_parent_back_what_it_had) {
    Desk desk;
    desk.claimed("Checkout fails");
    desk.claimed("Payment fails");
    desk.claimed("Nothing can be paid");
    desk.escalate("promise 1 3h a fix", ana);
    desk.escalate("promise 2 2h a call", ana);
    auto const own = desk.at({1});
    desk.escalate("merge 2 into 1", ana);
    BOOST_TEST(desk.at({1}).details.promise->text == "a call");
    desk.escalate("unmerge 2", ana);
    BOOST_TEST((desk.at({1}).details.promise == own.details.promise));
    BOOST_TEST((desk.at({1}).clocks == own.clocks));
    // With another one merged in since nobody can tell whose debt it is; without it again one can.
    desk.escalate("merge 2 into 1", ana);
    desk.now += 1min;
    desk.escalate("merge 3 into 1", ana);
    auto const both = desk.at({1});
    desk.escalate("unmerge 2", ana);
    BOOST_TEST((desk.at({1}).clocks == both.clocks));
    desk.escalate("unmerge 3", ana);
    BOOST_TEST(desk.at({1}).details.promise->text == "a call");
    BOOST_TEST(desk.problems().empty());
}

BOOST_AUTO_TEST_CASE(a_refused_merge_changes_neither) {
    Desk desk;
    desk.claimed("Checkout fails");
    desk.open_one("Payment fails");
    desk.escalate("claim 2", ben);
    auto const versions = std::pair{desk.at({1}).version, desk.at({2}).version};
    BOOST_TEST(desk.escalate("merge 2 into 1", ana).refused);
    BOOST_TEST((versions == std::pair{desk.at({1}).version, desk.at({2}).version}));
}

BOOST_AUTO_TEST_CASE(what_is_raised_again_leads_to_the_parent_through_chains_and_back) {
    Desk desk;
    desk.react(raiser);
    auto const source = desk.at({1}).source;
    SourceLink const link{"slack", fmt::format("{}:{}", source.channel, source.ts), {}};
    auto const owner = [&] { return desk.snapshot().by_source(link); };
    desk.open_one("Payment fails");
    desk.open_one("Nothing can be paid");
    desk.escalate("merge 1 into 2", lea);
    BOOST_TEST((owner() == EscalationId{2}));
    desk.escalate("merge 2 into 3", lea);
    BOOST_TEST((owner() == EscalationId{3}));
    BOOST_TEST(has(text_of(desk.escalate("merge 3 into 2", lea)), "ESC-3"));
    desk.escalate("unmerge 1", lea);
    BOOST_TEST((owner() == EscalationId{1}));
    desk.escalate("unmerge 2", lea);
    BOOST_TEST((owner() == EscalationId{1}));
    BOOST_TEST(desk.at({2}).state == State::fresh);
    desk.escalate("merge 1 into 2", lea);
    desk.escalate("merge 2 into 3", lea);
    desk.escalate("unmerge 2", lea);
    BOOST_TEST((owner() == EscalationId{2}));
}

BOOST_AUTO_TEST_CASE(a_pause_ends_by_itself_in_the_store) {
    Desk desk;
    auto const id = desk.claimed();
    desk.escalate("wait 1 customer their logs", ana);
    auto const until = *desk.at(id).details.waiting->until;
    auto const run = [&] { desk.run(handlers::fire_due_points(desk.env({}), 10, std::make_shared<handlers::Fired>())); };
    desk.now = until - 1us;
    run();
    BOOST_TEST(desk.at(id).state == State::waiting_customer);
    desk.now = until;
    run();
    BOOST_TEST(desk.at(id).state == State::working);
    desk.now += desk.config->reopen_window + 1h;
    run();
    desk.escalate("resolve 1 done", ana);
    desk.now += desk.config->reopen_window;
    run();
    BOOST_TEST(desk.at(id).state == State::closed);
}

BOOST_AUTO_TEST_CASE(hostile_texts_are_kept_as_text) {
    Desk desk;
    auto const id = desk.claimed();
    std::string const hostile = "<!channel> *b* <https://evil.example|Open>\n&amp; \u202eevil";
    desk.submit("esc.wait", card_of(desk, id), {{{"on", "customer"}, {"reason", hostile}, {"asked", "yes"}}}, ana);
    BOOST_TEST(desk.at(id).details.waiting->reason ==
               std::string{"<!channel> *b* <https://evil.example|Open>\n&amp; \u202eevil"});
    auto const form = views::resume_modal(desk.at(id), views::Resumes::owner);
    auto const shown = boost::json::serialize(form.json());
    BOOST_TEST(!has(shown, "<!channel>"));
    BOOST_TEST(!has(shown, "<https://evil"));
    BOOST_TEST(!has(shown, "\u202e"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
