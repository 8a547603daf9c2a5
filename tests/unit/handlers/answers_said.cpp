// What is answered outside of the views, as Slack gets it: help, a question after a slip, a refusal with what was typed. Each as
// it is and with the worst that can be typed.
#include "handlers/views/home.hpp"
#include "handlers/views/views.hpp"
#include "handlers/views/work.hpp"

#include "tests/unit/handlers/views_data.hpp"
#include "world.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::Outcome;

std::vector<std::string> const ours{"<@U"};

Outcome mention(World& world, std::string text) {
    slack::AppMention event;
    event.user = ana.id;
    event.message = {{"C_SOURCE"}, {"1700000000.000200"}, {"1700000000.000100"}};
    event.text = "<@U_BOT> " + std::move(text);
    return world.send(event, ana);
}

// By the name of their golden files.
std::map<std::string, Outcome> all(std::string const& text) {
    World world;
    world.open_one();
    std::map<std::string, Outcome> out;
    out.emplace("help", world.escalate("help", ana));
    out.emplace("help_of_one", world.escalate("help override", ana));
    out.emplace("help_to_outsiders", world.escalate("help", outsider));
    out.emplace("modal_help", world.press(views::help_action, "", ana));
    out.emplace("slip", world.escalate("clam ESC-1 " + text, ana));
    out.emplace("slip_of_a_list", world.escalate("mine", ana));
    out.emplace("slip_without_a_meaning", world.escalate("help " + text, ana));
    out.emplace("refused_typed", mention(world, "claim 77"));
    out.emplace("refused_mention", mention(world, "resolve 1 " + text));
    out.emplace("refused_opening", world.escalate("owner:<@U_NOBODY> " + text, ana));
    out.emplace("no_command", mention(world, text));
    out.emplace("no_title", world.escalate("sev2 for:acme", ana));
    return out;
}

void check(Outcome const& outcome) {
    BOOST_TEST((outcome.reply.message || outcome.open_modal));
    if (outcome.reply.message) view_test::check_message(*outcome.reply.message, ours);
    if (outcome.open_modal) view_test::check_form(*outcome.open_modal, ours);
}

BOOST_AUTO_TEST_SUITE(answers_said)

BOOST_AUTO_TEST_CASE(whatever_was_typed_slack_takes_the_answer) {
    auto texts = view_test::hostile_texts();
    texts.emplace_back("nobody of us");
    for (auto const& text : texts)
        for (auto const& [name, outcome] : all(text)) {
            // What opens an escalation says so elsewhere.
            if (!outcome.refused && !outcome.open_modal) continue;
            BOOST_TEST_CONTEXT(name << " with " << text.substr(0, 30)) { check(outcome); }
        }
}

BOOST_AUTO_TEST_CASE(golden) {
    for (auto const& [name, outcome] : all("nobody of us")) {
        BOOST_TEST_CONTEXT(name) { check(outcome); }
        if (outcome.open_modal) view_test::check_golden("said_" + name, outcome.open_modal->json());
        if (outcome.reply.message) view_test::check_golden("said_" + name, view_test::as_json(*outcome.reply.message));
    }
    view_test::check_golden("outsiders_reply", view_test::as_json(views::outsiders_reply()));
    view_test::check_golden("withdrawn", view_test::as_json(views::withdrawn()));
    view_test::check_golden("taken_back", view_test::as_json(views::taken_back()));
    view_test::check_golden("modal_describe", views::describe_modal(view_test::fresh()).json());
    view_test::check_golden("max_modal_describe", views::describe_modal(view_test::fullest(std::string(4000, 'x'))).json());
}

// A page that is cut in the middle of a verb helps nobody.
BOOST_AUTO_TEST_CASE(help_is_never_cut) {
    World world;
    world.config->slack.escalate_command = "/" + std::string(31, 'e');  // as long as Slack takes
    auto const help = world.send(
        [&] {
            slack::SlashCommand command;
            command.user = ana.id;
            command.command = world.config->slack.escalate_command;
            command.text = "help";
            return command;
        }(),
        ana);
    BOOST_TEST(text_of(help).find("…\"") == std::string::npos);
    for (auto const& [verb, said] : world.router.verbs())
        BOOST_TEST(text_of(help).find(said.usage.substr(0, said.usage.find(' '))) != std::string::npos, verb);
}

void ids_of(boost::json::value const& value, std::set<std::string>& routes) {
    if (auto const* array = value.if_array())
        for (auto const& one : *array) ids_of(one, routes);
    auto const* object = value.if_object();
    if (object == nullptr) return;
    auto const add = [&](std::string_view kind, std::string_view key) {
        auto const* id = object->if_contains(key);
        if (id != nullptr && id->as_string().starts_with("esc."))
            routes.insert(fmt::format("{} {}", kind, id->as_string().c_str()));
    };
    add("action", "action_id");
    if (object->contains("submit")) add("view", "callback_id");
    for (auto const& member : *object) ids_of(member.value(), routes);
}

// Of all that is laid down as golden files.
BOOST_AUTO_TEST_CASE(no_button_and_no_form_is_without_a_handler) {
    std::set<std::string> used;
    for (auto const& entry : std::filesystem::directory_iterator(ESC_TEST_DATA "/blocks")) {
        std::ifstream file(entry.path());
        std::stringstream text;
        text << file.rdbuf();
        ids_of(boost::json::parse(text.str()), used);
    }
    BOOST_TEST(used.size() > 50U);
    auto const routes = World{}.router.routes();
    for (auto const& one : used) BOOST_TEST((std::find(routes.begin(), routes.end(), one) != routes.end()), one);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
