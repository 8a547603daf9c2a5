// The command line of escalationd: subcommands, their options and help. What they do stands in bot/run/service.hpp.
#include "bot/run/service.hpp"

#include <CLI/CLI.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

namespace {

using namespace esc::run;

struct Options {
    std::string config{};
    CheckWhat check{};
    RedactWhat redact{};
};

CLI::App* subcommand(CLI::App& app, Options& options, char const* name, char const* what, char const* example) {
    auto* command = app.add_subcommand(name, what);
    command->add_option("--config", options.config, "configuration file (TOML); else ESCALATION_CONFIG, else the defaults")
        ->type_name("FILE");
    command->footer(std::string("Example:\n  ") + example);
    return command;
}

int run(int argc, char** argv) {
    CLI::App app{"Escalations in Slack with one owner, clocks and alerts.", "escalationd"};
    app.require_subcommand(1);
    app.footer("Example:\n  escalationd serve --config escalation.toml");
    Options options;
    auto const* serve_command =
        subcommand(app, options, "serve", "Run the service.",
                   "SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-… escalationd serve --config escalation.toml");
    auto* check_command =
        subcommand(app, options, "check", "Validate the configuration.", "escalationd check --config escalation.toml --online");
    check_command->add_flag("--online", options.check.online, "also ask Slack: token, scopes and channels");
    check_command->add_flag("--print", options.check.print, "print every key with its value, default and source");
    check_command->add_flag("--routes", options.check.routes, "print what the program answers to, one a line");
    auto const* migrate_command = subcommand(app, options, "migrate", "Bring the store's schema up to date (serve does it too).",
                                             "ESCALATION_STORE=sqlite:escalations.db escalationd migrate");
    auto const* verify_command = subcommand(app, options, "verify", "Check the ledger's hash chain and every invariant.",
                                            "escalationd verify --config escalation.toml");
    auto const* health_command = subcommand(app, options, "healthcheck", "Exit 0 when the running service is ready.",
                                            "escalationd healthcheck --config escalation.toml");
    auto* redact_command =
        subcommand(app, options, "redact", "Erase texts for ever; the ledger still verifies. The service may be running.",
                   "escalationd redact ESC-12\n  escalationd redact --user U0PERSON --dry-run\n"
                   "  escalationd redact --older-than 400d --yes");
    redact_command->add_option("key", options.redact.key, "one escalation: ESC-12")->type_name("KEY");
    redact_command->add_option("--user", options.redact.user, "everything that person wrote")->type_name("U…");
    redact_command
        ->add_option("--older-than", options.redact.older_than,
                     "everything about what has been over for so many days: 400d; 3660d at most")
        ->type_name("DAYS");
    redact_command->footer(
        "Erased: titles, descriptions, notes, reasons, resolutions, promises, next steps and briefs, in the store\n"
        "and on cards; and the bot's own direct messages and thread lines about these escalations. A message does\n"
        "not record whose words it holds: with --user as well, all of them go, in every escalation where that\n"
        "person wrote something. Title and description of what others raised from a message of that person go\n"
        "as well, with what the raiser added there; where an older version did not record whose message it was,\n"
        "erase by key.\n"
        "Stays: keys, people, accounts, teams, states, times, links and the ledger's digests; what people wrote in\n"
        "Slack itself; answers that only one person saw; backups and copies of the store.\n\n" +
        redact_command->get_footer());
    redact_command->add_flag("--dry-run", options.redact.dry_run, "only say how much it would be");
    redact_command->add_flag("--yes", options.redact.yes, "do not ask");
    auto* version_command = app.add_subcommand("version", "Print the version.");
    version_command->footer("Example:\n  escalationd version");

    // CLI11 would only say that a subcommand is required, not which word is none.
    if (std::string const first = argc > 1 ? argv[1] : ""; !first.empty() && first.front() != '-') {
        std::vector<std::string> names;
        for (auto const* one : app.get_subcommands([](CLI::App const*) { return true; })) names.push_back(one->get_name());
        if (std::find(names.begin(), names.end(), first) == names.end()) {
            complain(fmt::format("there is no subcommand \"{}\": write {} (escalationd --help)", first, fmt::join(names, ", ")));
            return exit_usage;
        }
    }
    try {
        app.parse(argc, argv);
    } catch (CLI::Success const& asked) {  // --help
        return app.exit(asked);
    } catch (CLI::ParseError const& error) {
        complain(std::string(error.what()) + " (escalationd --help)");
        return exit_usage;
    }
    if (version_command->parsed()) {
        fmt::print("escalationd {}\n", ESC_VERSION);
        return exit_done;
    }
    bool const tokens = serve_command->parsed() || options.check.online;
    auto const setup = read_setup(options.config, tokens ? Tokens::required : Tokens::optional);
    if (!setup.usable) return exit_usage;
    if (check_command->parsed()) return check(setup, options.check);
    if (migrate_command->parsed()) return migrate(setup);
    if (verify_command->parsed()) return verify(setup);
    if (redact_command->parsed()) return redact(setup, options.redact);
    if (health_command->parsed()) return healthcheck(setup);
    return serve(setup, {});
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (std::exception const& error) {
        complain(error.what());
        return exit_failed;
    }
}
