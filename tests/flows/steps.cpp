#include "tests/flows/steps.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <optional>
#include <regex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace esc::flows {
namespace {

using Match = std::smatch;

[[noreturn]] void fail_step(std::string const& why) { throw std::runtime_error(why); }

class Flow {
public:
    void given_config(std::string const& toml) {
        if (world_) fail_step("`given` comes before the first `when`");
        // "[[sla]] severity = 3 first_response = "10m"": one header and its keys on one line.
        std::string lines = std::regex_replace(toml, std::regex(R"(\s+(\w+)\s*=)"), "\n$1 =");
        config_ += "\n" + lines + "\n";
    }

    World& world() {
        if (!world_) world_ = std::make_unique<World>(config_);
        return *world_;
    }

    // --- what people do ---
    void writes(std::string const& who, std::string const& channel, std::string const& text) {
        auto const answer = world().act("message", {{"user", who}, {"channel", channel}, {"text", text}});
        message_channel_ = channel;
        message_ts_ = std::string(answer.at("ts").as_string());
    }
    void reacts(std::string const& who, std::string const& name, bool add) {
        world().act(add ? "react" : "unreact",
                    {{"user", who}, {"channel", message_channel_}, {"ts", message_ts_}, {"name", name}});
    }
    void types(std::string const& who, std::string const& channel, std::string const& text) {
        auto const space = text.find(' ');
        auto const answer = world().act("command", {{"user", who},
                                                    {"channel", channel},
                                                    {"command", text.substr(0, space)},
                                                    {"text", space == std::string::npos ? "" : text.substr(space + 1)}});
        if (auto const outcome = answer.at("outcome").as_string(); outcome != "acked")
            fail_step(fmt::format("the command was {}", std::string_view(outcome)));
        told_.clear();
        if (auto const* message = answer.if_contains("ephemeral"); message != nullptr && message->is_object()) {
            auto const* ts = message->get_object().if_contains("ts");
            for (auto const& reading : world().ephemerals(who))
                if (ts != nullptr && reading.ts == ts->as_string()) told_ = reading.text;
        }
    }
    void uses_shortcut(std::string const& who, std::string const& callback) {
        world().act("shortcut", {{"user", who}, {"callback_id", callback}});
    }
    void clicks(std::string const& who, std::string const& label, bool stale, bool in_dm) {
        auto const found = in_dm ? newest_with(world().direct_messages(who), label) : newest_with({card()}, label, stale);
        json::object body{
            {"user", who}, {"channel", found.channel}, {"ts", found.ts}, {"action_id", action_of(found, label, stale)}};
        if (in_dm) body["channel"] = "dm";
        if (stale) body["stale"] = true;
        auto const answer = world().act("click", body);
        if (answer.at("outcome").as_string() != "acked") fail_step("the click was not acknowledged");
    }
    void submits(std::string const& who, std::string const& fields) {
        json::object values;
        for (std::size_t from = 0; from <= fields.size();) {
            auto const end = std::min(fields.find(" | ", from), fields.size());
            auto const field = fields.substr(from, end - from);
            auto const equals = field.find('=');
            if (equals == std::string::npos) fail_step("a field is name=value");
            values[field.substr(0, equals)] = field.substr(equals + 1);
            from = end + 3;
        }
        submission_ = world().act("submit", {{"user", who}, {"values", values}});
    }
    void passes(std::string const& span) { world().pass(parse_elapsed(span).value()); }
    void stops() { world().stop_bot(); }
    void starts() { world().start_bot(); }
    void controls(std::string const& name, std::string const& body) { world().control(name, json::parse(body).as_object()); }

    // --- what people see ---
    World::Reading card() {
        auto const cards = cards_in("#triage");
        if (cards.empty()) fail_step("there is no card in #triage");
        return cards.back();
    }
    std::vector<World::Reading> cards_in(std::string const& channel) {
        auto all = world().history(channel);
        std::erase_if(all, [](World::Reading const& one) { return !one.from_bot; });
        return all;
    }
    std::string thread_text(std::string const& where) {
        auto const& [channel, ts] =
            where == "card" ? std::pair{std::string("#triage"), card().ts} : std::pair{where, message_ts_};
        std::string text;
        for (auto const& reply : world().thread(channel, ts)) text += reply.text;
        return text;
    }
    std::string all_text(std::vector<World::Reading> const& messages) {
        std::string text;
        for (auto const& message : messages) text += message.text + "\n";
        return text;
    }
    std::string told() const { return told_; }
    std::string error_of(std::string const& field) const {
        auto const* errors = submission_.if_contains("errors");
        if (errors == nullptr || !errors->is_object()) return {};
        auto const* error = errors->get_object().if_contains(field);
        return error == nullptr ? std::string{} : std::string(error->as_string());
    }

    void end() {
        world().settle();
        auto const violations = world().control("violations", {}).at("violations").as_array();
        if (!violations.empty()) fail_step("the bot did what Slack does not accept: " + json::serialize(violations));
        world().stop_bot();
        if (auto const problem = world().verify(); !problem.empty()) fail_step("verify: " + problem);
    }

private:
    static std::optional<std::string> find_action(json::array const& blocks, std::string const& label) {
        for (auto const& block : blocks) {
            auto const* elements = block.as_object().if_contains("elements");
            if (elements == nullptr || block.at("type").as_string() != "actions") continue;
            for (auto const& element : elements->as_array())
                if (element.at("text").at("text").as_string() == label) return std::string(element.at("action_id").as_string());
        }
        return std::nullopt;
    }
    // A button that is gone from the message keeps the action id that the product gives its label.
    static std::string action_of(World::Reading const& message, std::string const& label, bool stale) {
        if (auto const id = find_action(message.blocks, label)) return *id;
        if (!stale) fail_step(fmt::format("no button {} in:\n{}", label, message.text));
        if (label == "Claim") return "esc.claim";
        if (label == "Reply sent") return "esc.replied";
        return label == "Resolve" ? "esc.resolve" : "esc.reopen";
    }
    static World::Reading newest_with(std::vector<World::Reading> const& messages, std::string const& label, bool stale = false) {
        for (auto at = messages.rbegin(); at != messages.rend(); ++at)
            if (stale || find_action(at->blocks, label)) return *at;
        fail_step(fmt::format("no message has a button {}", label));
    }

    std::string config_{};
    std::unique_ptr<World> world_{};
    std::string message_channel_{};
    std::string message_ts_{};
    std::string told_{};
    json::object submission_{};
};

std::vector<std::string> quoted(std::string const& text) {
    std::vector<std::string> words;
    static std::regex const word("\"([^\"]*)\"");
    for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at) words.push_back((*at)[1]);
    if (words.empty()) fail_step("nothing in quotes to look for");
    return words;
}

void expect(std::string const& seen, std::string const& has_or_not, std::string const& words) {
    auto const wanted = has_or_not != "has no";
    for (auto const& word : quoted(words))
        if ((seen.find(word) != std::string::npos) != wanted)
            fail_step(fmt::format("{} “{}” in:\n{}", wanted ? "no" : "unwanted", word, seen));
}

void expect_count(std::string const& seen, std::string const& count, std::string const& word) {
    auto const wanted = std::stoul(count);
    std::size_t found = 0;
    for (auto at = seen.find(word); at != std::string::npos; at = seen.find(word, at + 1)) ++found;
    if (found != wanted) fail_step(fmt::format("“{}” stands there {} times, not {}:\n{}", word, found, wanted, seen));
}

struct Step {
    std::regex form;
    std::function<void(Flow&, Match const&)> run;
};

std::vector<Step> const& steps() {
    static std::vector<Step> const all{
        {std::regex("given config (.+)"), [](Flow& f, Match const& m) { f.given_config(m[1]); }},
        {std::regex("when (@\\w+) in (#[\\w-]+) writes: (.+)"), [](Flow& f, Match const& m) { f.writes(m[1], m[2], m[3]); }},
        {std::regex("when (@\\w+) reacts (\\S+)"), [](Flow& f, Match const& m) { f.reacts(m[1], m[2], true); }},
        {std::regex("when (@\\w+) takes back (\\S+)"), [](Flow& f, Match const& m) { f.reacts(m[1], m[2], false); }},
        {std::regex("when (@\\w+) in (#[\\w-]+) types: (.+)"), [](Flow& f, Match const& m) { f.types(m[1], m[2], m[3]); }},
        {std::regex("when (@\\w+) uses the shortcut (\\S+)"), [](Flow& f, Match const& m) { f.uses_shortcut(m[1], m[2]); }},
        {std::regex("when (@\\w+) clicks (.+) in (?:his|her) DM"),
         [](Flow& f, Match const& m) { f.clicks(m[1], m[2], false, true); }},
        {std::regex("when (@\\w+) clicks (.+) stale"), [](Flow& f, Match const& m) { f.clicks(m[1], m[2], true, false); }},
        {std::regex("when (@\\w+) clicks (.+)"), [](Flow& f, Match const& m) { f.clicks(m[1], m[2], false, false); }},
        {std::regex("when (@\\w+) submits (.+)"), [](Flow& f, Match const& m) { f.submits(m[1], m[2]); }},
        {std::regex("when (\\S+) pass(?:es)?"), [](Flow& f, Match const& m) { f.passes(m[1]); }},
        {std::regex("when the bot restarts"), [](Flow& f, Match const&) { f.stops(), f.starts(); }},
        {std::regex("when the bot stops"), [](Flow& f, Match const&) { f.stops(); }},
        {std::regex("when the bot starts"), [](Flow& f, Match const&) { f.starts(); }},
        {std::regex("when the control (\\w+) (\\{.*\\})"), [](Flow& f, Match const& m) { f.controls(m[1], m[2]); }},
        {std::regex("then the card (has no|has) (.+)"), [](Flow& f, Match const& m) { expect(f.card().text, m[1], m[2]); }},
        {std::regex("then (#[\\w-]+|card) thread (has no|has) (.+)"),
         [](Flow& f, Match const& m) { expect(f.thread_text(m[1]), m[2], m[3]); }},
        {std::regex("then (#[\\w-]+|card) thread counts (\\d+) \"(.+)\""),
         [](Flow& f, Match const& m) { expect_count(f.thread_text(m[1]), m[2], m[3]); }},
        {std::regex("then (#[\\w-]+) counts (\\d+) cards?"),
         [](Flow& f, Match const& m) {
             if (auto const found = f.cards_in(m[1]).size(); found != std::stoul(m[2])) fail_step(fmt::format("{} cards", found));
         }},
        {std::regex("then (#[\\w-]+) (has no|has) (.+)"),
         [](Flow& f, Match const& m) { expect(f.all_text(f.world().history(m.str(1))), m[2], m[3]); }},
        {std::regex("then DM (@\\w+) (has no|has) (.+)"),
         [](Flow& f, Match const& m) { expect(f.all_text(f.world().direct_messages(m.str(1))), m[2], m[3]); }},
        {std::regex("then DM (@\\w+) counts (\\d+) \"(.+)\""),
         [](Flow& f, Match const& m) { expect_count(f.all_text(f.world().direct_messages(m.str(1))), m[2], m[3]); }},
        {std::regex("then (@\\w+) sees (.+)"),
         [](Flow& f, Match const& m) {
             auto const seen = f.world().ephemerals(m.str(1));
             expect(seen.empty() ? std::string{} : seen.back().text, "has", m[2]);
         }},
        {std::regex("then @\\w+ is told (.+)"), [](Flow& f, Match const& m) { expect(f.told(), "has", m[1]); }},
        {std::regex("then the modal of (@\\w+) (has no|has) (.+)"),
         [](Flow& f, Match const& m) { expect(f.world().modal(m.str(1)), m[2], m[3]); }},
        {std::regex("then no modal is open for (@\\w+)"),
         [](Flow& f, Match const& m) {
             if (auto const modal = f.world().modal(m.str(1)); !modal.empty()) fail_step("a modal is open:\n" + modal);
         }},
        {std::regex("then the modal says (\\w+): (.+)"), [](Flow& f, Match const& m) { expect(f.error_of(m[1]), "has", m[2]); }},
    };
    return all;
}

}  // namespace

void play(std::filesystem::path const& file) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    Flow flow;
    std::string line;
    auto const at = [&](int number, std::exception const& error) {
        return std::runtime_error(fmt::format("{}:{}: {}\n  {}", file.filename().string(), number, line, error.what()));
    };
    int number = 0;
    while (std::getline(in, line)) {
        ++number;
        auto const text = std::regex_replace(line, std::regex("^\\s+|\\s+$|\\s+(?=\\s)"), "");
        if (text.empty() || text.front() == '#') continue;
        try {
            auto const& all = steps();
            Match match;
            auto const step =
                std::find_if(all.begin(), all.end(), [&](Step const& one) { return std::regex_match(text, match, one.form); });
            if (step == all.end()) throw std::runtime_error("there is no such step (tests/flows/README.md has them)");
            step->run(flow, match);
        } catch (std::exception const& error) {
            throw at(number, error);
        }
    }
    try {
        flow.end();
    } catch (std::exception const& error) {
        throw at(number, error);
    }
}

}  // namespace esc::flows
