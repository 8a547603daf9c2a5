// The configuration file: what is read, and for everything that is not, the line and the key that are named.
#include "bot/base/config.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

using namespace std::chrono_literals;

namespace {

esc::ConfigReading read(std::string_view text) { return esc::read_config_text(text, "escalation.toml"); }

std::string all_problems(esc::ConfigReading const& reading) {
    std::string text;
    for (esc::ConfigProblem const& problem : reading.problems) text += problem.text() + "\n";
    return text;
}

esc::Config read_well(std::string_view text) {
    auto const reading = read(text);
    BOOST_TEST_REQUIRE(all_problems(reading) == "");
    return reading.config;
}

// A fault, where it is and a word that its message must hold.
struct Fault {
    std::string_view toml;
    int line;
    std::string_view key;
    std::string_view word;
};

void check_fault(Fault const& fault) {
    BOOST_TEST_CONTEXT(fault.toml) {
        auto const reading = read(fault.toml);
        BOOST_TEST_INFO(all_problems(reading));
        BOOST_TEST_REQUIRE(reading.problems.size() == 1U);
        esc::ConfigProblem const& problem = reading.problems.front();
        BOOST_TEST(problem.file == "escalation.toml");
        BOOST_TEST(problem.line == fault.line);
        BOOST_TEST(problem.key == fault.key);
        BOOST_TEST_INFO(problem.message);
        BOOST_TEST(problem.message.find(fault.word) != std::string::npos);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(an_empty_file_gives_the_defaults) {
    esc::Config const config = read_well("");
    BOOST_TEST(config.service.timezone == "UTC");
    BOOST_TEST(config.slack.connections == 2);
    BOOST_TEST(config.store.url == "sqlite:escalations.db");
    BOOST_TEST(config.http.listen == "127.0.0.1:8085");
    BOOST_TEST(config.people.nobody());
    BOOST_TEST(config.channels.triage.empty());
    BOOST_TEST((config.reactions.at("rotating_light") == esc::Severity::sev3));
    BOOST_TEST((config.reopen_window == 7 * 24h));
    BOOST_TEST((
        config.targets(esc::Severity::sev1) ==
        esc::SlaTargets{.owner = 5min, .first_response = 15min, .resolution = 4h, .next_response = 15min, .engineering = 15min}));
    BOOST_TEST((config.targets(esc::Severity::sev2) ==
                esc::SlaTargets{.owner = 15min, .first_response = 1h, .resolution = 8h, .next_response = 1h, .engineering = 1h}));
    BOOST_TEST((config.targets(esc::Severity::sev3) ==
                esc::SlaTargets{.owner = 1h, .first_response = 4h, .resolution = 48h, .next_response = 4h, .engineering = 4h}));
    BOOST_TEST(
        (config.targets(esc::Severity::sev4) ==
         esc::SlaTargets{.owner = 4h, .first_response = 24h, .resolution = 120h, .next_response = 24h, .engineering = 24h}));
    for (esc::Severity const severity : esc::all_severities) {
        BOOST_TEST(!config.text(severity).criteria.empty());
        BOOST_TEST(!config.text(severity).examples.empty());
        BOOST_TEST(!config.text(severity).counter_examples.empty());
    }
}

BOOST_AUTO_TEST_CASE(every_key_of_this_version_is_read) {
    esc::Config const config = read_well(R"(
[service]
timezone = "Europe/Berlin"
reopen_window = "3d"
[slack]
mode = "socket"
connections = 8
commands = { escalate = "/esc", queue = "/esc-queue" }
[store]
url = "sqlite:/var/lib/e.db"
[http]
listen = "[::1]:0"
[channels]
triage = "C0TRIAGE"
digests = "G0DIGEST"
[people]
admins = ["U0ADMIN"]
managers = ["W0MGR", "S0MANAGERS"]
leads = []
agents = ["S0SUPPORT"]
guests = "internal"
[intake]
customer_reply = "Thank you. *We* look after it."
[intake.reactions]
sos = "sev2"
"+1" = "SEV4"
[[severity]]
level = 1
criteria = "All is lost"
examples = ["a", "b"]
counter_examples = ["c"]
[[sla]]
severity = 1
calendar = "always"
owner = "30s"
first_response = "1m"
resolution = "1h30m"
next_response = "2m"
engineering = "3m"
at_risk = ["75%", "15m left"]
[[sla]]
severity = 4
owner = "2h"
[retention]
texts = "400d"
[[team]]
name = "support"
members = ["S0SUPPORT", "U0ANA"]
leads = ["U0LEAD"]
managers = ["U0MGR"]
channel = "C0SUPPORT"
triage = "C0TEAMTRIAGE"
sources = ["C0SUPPORT", "C0HELP"]
[[team]]
name = "billing"
)");
    BOOST_REQUIRE(config.teams.size() == 2U);
    BOOST_TEST((config.teams[0] == esc::TeamConfig{.name = "support",
                                                   .members = {"S0SUPPORT", "U0ANA"},
                                                   .leads = {"U0LEAD"},
                                                   .managers = {"U0MGR"},
                                                   .channel = {"C0SUPPORT"},
                                                   .triage = {"C0TEAMTRIAGE"},
                                                   .sources = {"C0SUPPORT", "C0HELP"}}));
    BOOST_TEST(config.team("billing") == &config.teams[1]);
    BOOST_TEST((config.retention.texts == std::chrono::seconds{400 * 24h}));
    BOOST_TEST(config.service.timezone == "Europe/Berlin");
    BOOST_TEST((config.reopen_window == 72h));
    BOOST_TEST(config.slack.connections == 8);
    BOOST_TEST(config.slack.escalate_command == "/esc");
    BOOST_TEST(config.slack.queue_command == "/esc-queue");
    BOOST_TEST(config.store.url == "sqlite:/var/lib/e.db");
    BOOST_TEST(config.http.listen == "[::1]:0");
    BOOST_TEST(config.channels.triage.value == "C0TRIAGE");
    BOOST_TEST(config.channels.digests.value == "G0DIGEST");
    BOOST_TEST((config.people.managers == std::vector<std::string>{"W0MGR", "S0MANAGERS"}));
    BOOST_TEST((config.people.agents == std::vector<std::string>{"S0SUPPORT"}));
    BOOST_TEST((config.people.guests_internal && !esc::default_config().people.guests_internal));
    BOOST_TEST(config.intake.customer_reply == "Thank you. *We* look after it.");
    BOOST_TEST((config.reactions == decltype(config.reactions){{"sos", esc::Severity::sev2}, {"+1", esc::Severity::sev4}}));
    BOOST_TEST(config.text(esc::Severity::sev1).criteria == "All is lost");
    BOOST_TEST((config.text(esc::Severity::sev1).examples == std::vector<std::string>{"a", "b"}));
    using Form = esc::AtRiskPoint::Form;
    BOOST_TEST((config.targets(esc::Severity::sev1) ==
                esc::SlaTargets{.owner = 30s,
                                .first_response = 1min,
                                .resolution = 90min,
                                .at_risk = {{.form = Form::percent_used, .percent = 75},
                                            {.form = Form::time_left, .percent = 0, .left = 15min}},
                                .next_response = 2min,
                                .engineering = 3min}));
    // What an entry does not name stays as it was built in.
    BOOST_TEST(
        (config.targets(esc::Severity::sev4) ==
         esc::SlaTargets{.owner = 2h, .first_response = 24h, .resolution = 120h, .next_response = 24h, .engineering = 24h}));
    BOOST_TEST((config.targets(esc::Severity::sev2) == esc::default_config().targets(esc::Severity::sev2)));
}

BOOST_AUTO_TEST_CASE(wrong_values_are_named_with_line_and_key) {
    auto const too_long = "[intake]\ncustomer_reply = \"" + std::string(301, 'x') + "\"";
    for (Fault const& fault : {
             Fault{"[slack]\n\nconnections = 9", 3, "slack.connections", "1 to 8"},
             Fault{"[slack]\nconnections = 0", 2, "slack.connections", "1 to 8"},
             Fault{"[slack]\nconnections = -9223372036854775808", 2, "slack.connections", "1 to 8"},
             Fault{"[slack]\nconnections = \"2\"", 2, "slack.connections", "whole number"},
             Fault{"[slack]\nconnections = 2.0", 2, "slack.connections", "whole number"},
             Fault{"slack.connections = 9", 1, "slack.connections", "1 to 8"},
             Fault{"[slack]\nmode = \"carrier pigeon\"", 2, "slack.mode", "socket"},
             Fault{"[slack]\ncommands = { escalate = \"escalate\" }", 2, "slack.commands.escalate", "slash"},
             Fault{"[slack]\ncommands = { escalate = \"/Up\" }", 2, "slack.commands.escalate", "lower-case"},
             Fault{"[slack.commands]\nescalate = \"/a\"\nqueue = \"/a\"", 1, "slack.commands.queue", "same"},
             Fault{"[slack]\ncommands = { escalate = \"/queue\" }", 2, "slack.commands.queue", "same"},
             Fault{"[slack]\ncommands = \"/escalate\"", 2, "slack.commands", "table"},
             Fault{"slack = 1", 1, "slack", "table"},
             Fault{"[[slack]]\nconnections = 2", 1, "slack", "table"},
             Fault{"[service]\ntimezone = \"Mars/Olympus\"", 2, "service.timezone", "Mars/Olympus"},
             Fault{"[service]\ntimezone = \"../../etc/passwd\"", 2, "service.timezone", "time zone"},
             Fault{"[service]\ntimezone = \"\"", 2, "service.timezone", "time zone"},
             Fault{"[service]\nreopen_window = \"7\"", 2, "service.reopen_window", "7"},
             Fault{"[service]\nreopen_window = \"d\"", 2, "service.reopen_window", ""},
             Fault{"[service]\nreopen_window = \"-1d\"", 2, "service.reopen_window", "year"},
             Fault{"[service]\nreopen_window = \"99999999999d\"", 2, "service.reopen_window", "year"},
             Fault{"[service]\nreopen_window = \"0d\"", 2, "service.reopen_window", "nothing"},
             Fault{"[service]\npause_cap = \"0h\"", 2, "service.pause_cap", "nothing"},
             Fault{"[ownership]\nacting_resolves_sev1 = \"yes\"", 2, "ownership.acting_resolves_sev1", "true or false"},
             Fault{"[ownership]\nsecond_approver = 1", 2, "ownership.second_approver", "true or false"},
             Fault{"[people]\nmanagers = [\"U1\"]\n[ownership]\nsecond_approver = true", 4, "ownership.second_approver",
                   "two managers"},
             Fault{"[people]\nmanagers = [\"U1\", \"U1\"]\n[ownership]\nsecond_approver = true", 4, "ownership.second_approver",
                   "people.managers"},
             Fault{"[people]\nleads = [\"U1\", \"U2\"]\n[ownership]\nsecond_approver = true", 4, "ownership.second_approver",
                   "leave this key out"},
             Fault{"[ownership]\nsecond_approver = true\n[people]\nmanagers = [\"U1\", \"U2\"]\n[[team]]\nname = \"a\"\n"
                   "managers = [\"U3\"]",
                   2, "ownership.second_approver", "team \"a\""},
             Fault{"[people]\nguests = \"none\"", 2, "people.guests", "internal"},
             Fault{"[people]\nguests = true", 2, "people.guests", "text"},
             Fault{"[intake]\ncustomer_reply = \" \"", 2, "intake.customer_reply", "leave the key out"},
             Fault{"[intake]\ncustomer_reply = \"<@U0ANA> looks\"", 2, "intake.customer_reply", "plain words"},
             Fault{too_long, 2, "intake.customer_reply", "300"},
             Fault{"[retention]\ntexts = \"36h\"", 2, "retention.texts", "days"},
             Fault{"[retention]\ntexts = \"24h\"", 2, "retention.texts", "days"},
             Fault{"[retention]\ntexts = \"1d12h\"", 2, "retention.texts", "days"},
             Fault{"[retention]\ntexts = \"4000d\"", 2, "retention.texts", "ten years"},
             Fault{"[retention]\ntexts = \"0d\"", 2, "retention.texts", "days"},
             Fault{"[retention]\ntexts = \"d\"", 2, "retention.texts", "days"},
             Fault{"[retention]\ntexts = \"\"", 2, "retention.texts", "days"},
             Fault{"[[team]]\nleads = [\"U0LEAD\"]", 1, "team.name", "missing"},
             Fault{"[[team]]\nname = \"two words\"", 2, "team.name", "one word"},
             Fault{"[[team]]\nname = \"a\"\n[[team]]\nname = \"a\"", 4, "team.name", "already"},
             Fault{"[[team]]\nname = \"a\"\nleads = [\"@lea\"]", 3, "team.a.leads", "id of a user"},
             Fault{"[[team]]\nname = \"a\"\nsources = [\"zendesk\"]", 3, "team.a.sources", "channel"},
             Fault{"[[team]]\nname = \"a\"\nsources = [\"C1\"]\n[[team]]\nname = \"b\"\nsources = [\"C1\"]", 6, "team.b.sources",
                   "belongs"},
             Fault{"[store]\nurl = \"escalations.db\"", 2, "store.url", "sqlite:FILE"},
             Fault{"[store]\nurl = \"sqlite:\"", 2, "store.url", "sqlite:FILE"},
             Fault{"[http]\nlisten = \"8085\"", 2, "http.listen", "127.0.0.1:8085"},
             Fault{"[http]\nlisten = \"127.0.0.1:65536\"", 2, "http.listen", "port"},
             Fault{"[http]\nlisten = \"somewhere:80\"", 2, "http.listen", "address"},
             Fault{"[http]\nlisten = \"::1:80\"", 2, "http.listen", "[::1]"},
             Fault{"[channels]\ntriage = \"#triage\"", 2, "channels.triage", "#triage"},
             Fault{"[channels]\ntriage = \"U0ANA\"", 2, "channels.triage", "id"},
             Fault{"[people]\nagents = \"U0ANA\"", 2, "people.agents", "list"},
             Fault{"[people]\nagents = [\n  \"U0ANA\",\n  \"@bo\",\n]", 4, "people.agents", "@bo"},
             Fault{"[people]\nagents = [\n  \"U0ANA\",\n  7,\n]", 4, "people.agents", "list"},
             Fault{"[people]\nadmins = [\"C0CHAN\"]", 2, "people.admins", "U"},
             Fault{"[intake.reactions]\nsos = \"sev5\"", 2, "intake.reactions.sos", "sev5"},
             Fault{"[intake.reactions]\n\":sos:\" = \"sev2\"", 2, "intake.reactions.:sos:", "colons"},
             Fault{"[intake.reactions]\nsos = 2", 2, "intake.reactions.sos", "text"},
             Fault{"[severity]\nlevel = 1", 1, "severity", "[[severity]]"},
             Fault{"[[severity]]\nlevel = 5", 2, "severity.level", "1 to 4"},
             Fault{"[[severity]]\nlevel = \"1\"", 2, "severity.level", "1 to 4"},
             Fault{"[[severity]]\ncriteria = \"x\"", 1, "severity.level", "missing"},
             Fault{"[[severity]]\nlevel = 1\n[[severity]]\nlevel = 1", 4, "severity.level", "SEV1"},
             Fault{"[[severity]]\nlevel = 1\ncriteria = \"\"", 3, "severity.1.criteria", "words"},
             Fault{"[[sla]]\nowner = \"5m\"", 1, "sla.severity", "missing"},
             Fault{"[[sla]]\nseverity = 1\n[[sla]]\nseverity = 1", 4, "sla.severity", "SEV1"},
             Fault{"[[sla]]\nseverity = 1\nowner = \"0s\"", 3, "sla.1.owner", "more than nothing"},
             Fault{"[[sla]]\nseverity = 1\nowner = 5", 3, "sla.1.owner", "text"},
             Fault{"[[sla]]\nseverity = 2\nresolution = \"1d\"", 3, "sla.2.resolution", "24h"},
             Fault{"[[sla]]\nseverity = 2\nresolution = \"1d12h\"", 3, "sla.2.resolution", "24h"},
             Fault{"[[sla]]\nseverity = 2\nresolution = \"2bd\"", 3, "sla.2.resolution", "bd"},
             Fault{"[[sla]]\nseverity = 2\nresolution = \"4bh\"", 3, "sla.2.resolution", "bh"},
             Fault{"[[sla]]\nseverity = 1\nresolution = \"9000h\"", 3, "sla.1.resolution", "year"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = []", 3, "sla.1.at_risk", "at least one"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = \"75%\"", 3, "sla.1.at_risk", "list"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = [\"100%\"]", 3, "sla.1.at_risk", "99%"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = [\"0%\"]", 3, "sla.1.at_risk", "99%"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = [\"%\"]", 3, "sla.1.at_risk", "99%"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = [\"7.5%\"]", 3, "sla.1.at_risk", "99%"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = [\"15m\"]", 3, "sla.1.at_risk", "15m left"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = [\"0m left\"]", 3, "sla.1.at_risk", "15m left"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = [\"1bh left\"]", 3, "sla.1.at_risk", "bh"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = [\"90%\", \"75%\"]", 3, "sla.1.at_risk", "order"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = [\"15m left\", \"30m left\"]", 3, "sla.1.at_risk", "order"},
             Fault{"[[sla]]\nseverity = 1\nat_risk = [\"1%\", \"2%\", \"3%\", \"4%\", \"5%\"]", 3, "sla.1.at_risk", "4"},
         }) {
        check_fault(fault);
    }
}

BOOST_AUTO_TEST_CASE(a_second_approver_needs_two_managers_who_could_be_there) {
    std::string const on = "[ownership]\nsecond_approver = true\nacting_resolves_sev1 = true\n";
    for (std::string const& people : {
             std::string{},  // nobody is named: the workspace's admins, however many
             std::string{"[people]\nmanagers = [\"U1\", \"U2\"]"},
             std::string{"[people]\nmanagers = [\"S1\"]"},  // who is in a group only Slack knows
             std::string{"[people]\nmanagers = [\"U1\", \"U2\"]\n[[team]]\nname = \"a\""},
             std::string{"[people]\nmanagers = [\"U1\"]\n[[team]]\nname = \"a\"\nmanagers = [\"U2\", \"U3\"]"},
             std::string{"[[team]]\nname = \"a\"\nmembers = [\"S1\"]"},
         })
        BOOST_TEST_CONTEXT(people) {
            auto const reading = read(on + people);
            BOOST_TEST(all_problems(reading) == "");
            BOOST_TEST(reading.config.ownership.second_approver);
            BOOST_TEST(reading.config.ownership.acting_resolves_sev1);
        }
    BOOST_TEST(read("[people]\nmanagers = [\"U1\"]\n[ownership]\nsecond_approver = false").problems.empty());
    BOOST_TEST(!esc::default_config().ownership.second_approver);
    BOOST_TEST(!esc::default_config().ownership.acting_resolves_sev1);
}

BOOST_AUTO_TEST_CASE(what_is_promised_for_later_is_refused_by_name) {
    constexpr std::string_view not_yet = "not supported by this version yet";
    for (Fault const& fault : {
             Fault{"\n[[calendar]]\nname = \"emea\"", 2, "calendar", not_yet},
             Fault{"[[team]]\nname = \"a\"\ncalendar = \"emea\"", 3, "team.calendar", not_yet},
             Fault{"[[shift]]\nteam = \"support\"", 1, "shift", not_yet},
             Fault{"[[hook]]\nname = \"z\"", 1, "hook", not_yet},
             Fault{"[[api_token]]\nname = \"d\"", 1, "api_token", not_yet},
             Fault{"[pager]\nurl = \"https://pager.example/hook\"", 1, "pager", not_yet},
             Fault{"[[people.identity]]\nslack = \"U0ALICE\"", 1, "people.identity", not_yet},
             Fault{"[slack]\nmode = \"http\"", 2, "slack.mode", not_yet},
             Fault{"[slack.commands]\nhandoff = \"/handoff\"", 2, "slack.commands.handoff", not_yet},
             Fault{"[store]\nurl = \"postgresql://db/x\"", 2, "store.url", not_yet},
             Fault{"[[sla]]\nseverity = 1\ncalendar = \"emea\"", 3, "sla.1.calendar", not_yet},
             Fault{"[[sla]]\nseverity = 1\nupdate = \"30m\"", 3, "sla.update", not_yet},
             Fault{"[[sla]]\nseverity = 1\ntier = \"enterprise\"", 3, "sla.tier", not_yet},
         }) {
        check_fault(fault);
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_key_comes_with_the_closest_valid_one) {
    for (Fault const& fault : {
             Fault{"[slack]\nconections = 2", 2, "slack.conections", "\"connections\""},
             Fault{"[slakc]\nconnections = 2", 1, "slakc", "\"slack\""},
             Fault{"[channel]\ntriage = \"C1\"", 1, "channel", "\"channels\""},
             Fault{"[people]\nagent = [\"U1\"]", 2, "people.agent", "\"agents\""},
             Fault{"[[sla]]\nseverity = 3\nfirstresponse = \"4h\"", 3, "sla.3.firstresponse", "\"first_response\""},
             Fault{"[store]\ncolour = 1", 2, "store.colour", "url"},
             Fault{"[intake]\nmail = true", 2, "intake.mail", "reactions"},
             Fault{"zzzzzzzzzzzzzzzz = 1", 1, "zzzzzzzzzzzzzzzz", "service"},
         }) {
        check_fault(fault);
    }
}

BOOST_AUTO_TEST_CASE(all_faults_are_reported_in_the_order_of_the_file) {
    auto const reading =
        read("[http]\nlisten = 1\n[slack]\nconnections = 99\nmode = \"http\"\n[people]\nagents = [\"x\", \"y\"]\nfoo = 1\n");
    std::vector<int> lines;
    for (esc::ConfigProblem const& problem : reading.problems) lines.push_back(problem.line);
    BOOST_TEST(lines == (std::vector<int>{2, 4, 5, 7, 7, 8}), boost::test_tools::per_element());
    BOOST_TEST(reading.problems[1].text().starts_with("escalation.toml:4: slack.connections: "));
}

BOOST_AUTO_TEST_CASE(broken_toml_is_one_problem_with_its_line) {
    for (std::string_view const text :
         {"[slack]\nconnections = \n", "[slack]\n[slack]\n", "[slack]\nmode = \"a\xff\"\n", "[http]\n= 1\n", "a = 1\na = 2\n",
          "\n\"unclosed", "[http]\nx = 99999999999999999999\n"}) {
        BOOST_TEST_CONTEXT(text) {
            auto const reading = read(text);
            BOOST_TEST_REQUIRE(reading.problems.size() == 1U);
            BOOST_TEST(reading.problems.front().line == 2);
            BOOST_TEST(!reading.problems.front().message.empty());
        }
    }
    BOOST_TEST(read("x = " + std::string(100'000, '[')).problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(secrets_are_refused_and_never_repeated) {
    std::string const secret = "xoxb-1234567890-abcdef";
    for (std::string const& text :
         {"[slack]\nbot_token = \"" + secret + "\"", "[slack]\nmode = \"" + secret + "\"",
          "[people]\nagents = [\"" + secret + "\"]", "[[sla]]\nseverity = 1\nowner = \"" + secret + "\"",
          "[whatever]\nx = [{ y = \"" + secret + "\" }]", "[store]\nurl = \"" + secret + "\"",
          "[[severity]]\nlevel = 1\ncriteria = \"" + secret + "\"", "[service]\nreopen_window = \"" + secret + "\""}) {
        BOOST_TEST_CONTEXT(text) {
            auto const reading = read(text);
            BOOST_TEST(!reading.problems.empty());
            BOOST_TEST(all_problems(reading).find("1234567890") == std::string::npos);
        }
    }
    check_fault(
        {"[slack]\nsigning_secret = \"8f742231b10e8888abcd99yyyzzz85a5\"", 2, "slack.signing_secret", "SLACK_SIGNING_SECRET"});
    BOOST_TEST(read("[slack]\nbot_token = \"" + secret + "\"").problems.size() == 1U);  // said once
    BOOST_TEST(all_problems(read("[store]\nurl = \"mysql://me:hunter22@db\"")).find("hunter22") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_is_read_and_a_missing_one_is_a_problem) {
    auto const folder = std::filesystem::temp_directory_path() / ("esc_config_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    std::string const path = folder / "escalation.toml";
    std::ofstream(path) << "[slack]\nconnections = 3\n";
    auto const reading = esc::read_config_file(path);
    BOOST_TEST(reading.problems.empty());
    BOOST_TEST(reading.config.slack.connections == 3);
    BOOST_TEST(reading.sources.at("slack.connections") == path + ":2");

    for (std::string const& unreadable : {std::string(folder), path + ".missing", std::string()}) {
        auto const nothing = esc::read_config_file(unreadable);
        BOOST_TEST_REQUIRE(nothing.problems.size() == 1U);
        BOOST_TEST(nothing.problems.front().file == unreadable);
        BOOST_TEST(nothing.problems.front().line == 0);
    }
    std::ofstream(path) << std::string((1U << 20) + 1, '#');
    BOOST_TEST(esc::read_config_file(path).problems.size() == 1U);
    std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(printing_shows_value_default_and_source) {
    std::string const text = esc::print_config(
        read("[slack]\nconnections = 3\n[http]\nlisten = \"127.0.0.1:8085\"\n[intake.reactions]\nsos = \"sev1\"\n"));
    auto const has = [&](std::string_view line) { return text.find("\n" + std::string(line) + "\n") != std::string::npos; };
    BOOST_TEST_INFO(text);
    BOOST_TEST(has("slack.connections = 3  # escalation.toml:2, default 2"));
    BOOST_TEST(has("http.listen = \"127.0.0.1:8085\"  # escalation.toml:4, same as the default"));
    BOOST_TEST(has("store.url = \"sqlite:escalations.db\"  # default"));
    BOOST_TEST(has("ownership.second_approver = false  # default"));
    BOOST_TEST(has("intake.reactions.sos = \"SEV1\"  # escalation.toml:6, no default"));
    BOOST_TEST(text.find("rotating_light") == std::string::npos);
    BOOST_TEST(has("sla.3.resolution = \"48h\"  # default"));
    BOOST_TEST(has("sla.4.at_risk = built in: 75%, then 90% or 15m left  # default"));
}

BOOST_AUTO_TEST_CASE(printing_an_odd_value_keeps_it_on_its_line) {
    std::string const text = esc::print_config(read("[[severity]]\nlevel = 1\ncriteria = \"a\\n\\\"b\\\"\\\\\"\n"));
    BOOST_TEST(text.find(R"(severity.1.criteria = "a\u000A\"b\"\\"  # escalation.toml:3)") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
