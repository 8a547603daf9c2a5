#include "tests/flows/world.hpp"

#include "store/store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <set>
#include <stdexcept>
#include <utility>

namespace esc::flows {
namespace {

// Real time that any one step may take; only a hang reaches it.
constexpr std::chrono::seconds step_limit{60};
constexpr Instant start_of_flows = from_us(1'795'424'400'000'000);  // 2026-11-23 09:00 UTC

std::string make_folder() {
    auto name = (std::filesystem::temp_directory_path() / "escalation-flow-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return name;
}

std::string text_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

}  // namespace

World::World(std::string const& extra_toml, RateLimits limits) : clock_(start_of_flows), folder_(make_folder()) {
    auto manifest = fake::AppManifest::load(ESC_SOURCE_DIR "/slack_manifest.json").value();
    slack_ = std::make_unique<fake::FakeSlack>(
        io_.get_executor(), clock_,
        fake::FakeSlack::Options{.manifest = std::move(manifest), .rate_limits = limits == RateLimits::as_slack});
    slack_->start(0).value();
    auto const person = [&](std::string_view handle) { return slack_->workspace().person(handle)->id; };
    toml_ = fmt::format(R"([http]
listen = "127.0.0.1:0"
[channels]
triage = "{}"
[people]
managers = ["{}"]
leads = ["{}"]
agents = ["{}", "{}"]
{})",
                        slack_->workspace().channel("#triage")->id, person("@max"), person("@lea"), person("@ana"), person("@bo"),
                        extra_toml);
    start_bot();
}

World::~World() {
    stop_bot();
    slack_->stop();
    std::filesystem::remove_all(folder_);
}

void World::run_until(std::function<bool()> const& done, std::string_view what) {
    auto const deadline = std::chrono::steady_clock::now() + step_limit;
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error(fmt::format("{} did not come about", what));
        io_.restart();
        io_.run_one_for(std::chrono::milliseconds{5});
    }
}

void World::start_bot() {
    auto const reading = read_config_text(toml_, "flow.toml");
    if (!reading.problems.empty()) throw std::runtime_error(reading.problems.front().text());
    Environment environment;
    environment.bot_token = slack_->bot_token();
    environment.app_token = slack_->app_token();
    environment.api_url = slack_->api_url();
    environment.store_url = "sqlite:" + (folder_ / "escalations.db").string();
    bot_ = std::make_unique<run::App>(io_.get_executor(), clock_, reading.config, std::move(environment), run::App::Parts{});
    bool started = false;
    auto start = [&]() -> boost::asio::awaitable<void> {
        (co_await bot_->start()).value();
        started = true;
    };
    boost::asio::co_spawn(io_, start(), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    run_until([&] { return started; }, "the start");
    run_until([&] { return bot_->ready(); }, "readiness");
    settle();
}

void World::stop_bot() {
    if (!bot_) return;
    bool stopped = false;
    auto stop = [&]() -> boost::asio::awaitable<void> {
        co_await bot_->stop();
        stopped = true;
    };
    boost::asio::co_spawn(io_, stop(), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    run_until([&] { return stopped; }, "the stop");
    bot_.reset();
}

void World::kill_bot() {
    namespace fs = std::filesystem;
    settle();
    auto const kept = folder_ / "killed";
    fs::create_directory(kept);
    for (auto const& entry : fs::directory_iterator(folder_))
        if (entry.is_regular_file())
            fs::copy_file(entry.path(), kept / entry.path().filename(), fs::copy_options::overwrite_existing);
    stop_bot();
    for (auto const& entry : fs::directory_iterator(folder_))
        if (entry.is_regular_file()) fs::remove(entry.path());
    for (auto const& entry : fs::directory_iterator(kept)) fs::rename(entry.path(), folder_ / entry.path().filename());
    fs::remove_all(kept);
}

void World::settle() {
    auto const quiet = [&] { return (!bot_ || bot_->quiet()) && slack_->quiet(); };
    auto const deadline = std::chrono::steady_clock::now() + step_limit;
    // What is on its way through a socket is seen by neither side: it is at rest when nothing has come for a while.
    for (int still = 0; still < 3;) {
        if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("it did not come to rest");
        io_.restart();
        bool const idle = io_.run_for(std::chrono::milliseconds{3}) == 0;
        still = idle && quiet() ? still + 1 : 0;
    }
}

void World::pass(Duration span) {
    settle();
    auto const until = clock_.now() + span;
    for (auto next = clock_.next_timer(); next && *next <= until; next = clock_.next_timer()) {
        clock_.advance_to(std::max(*next, clock_.now()));
        settle();
        if (clock_.now() >= until) return;
    }
    clock_.advance_to(std::max(until, clock_.now()));
    settle();
}

json::object World::act(std::string const& name, json::object const& body) {
    std::optional<json::object> answer;
    slack_->user(name, body, [&](json::object given) { answer = std::move(given); });
    run_until([&] { return answer.has_value(); }, "an answer to " + name);
    settle();
    if (auto const* ok = answer->if_contains("ok"); ok != nullptr && !ok->as_bool())
        throw std::runtime_error(fmt::format("{}: {}", name, text_of(*answer, "error")));
    return *answer;
}

json::object World::control(std::string const& name, json::object const& body) { return slack_->control(name, body); }

std::string World::readable(std::string_view markup) {
    std::string text(markup);
    for (auto const& [id, person] : slack_->workspace().people)
        for (auto at = text.find("<@" + id + ">"); at != std::string::npos; at = text.find("<@" + id + ">"))
            text.replace(at, id.size() + 3, "@" + person.handle);
    for (auto const& [id, channel] : slack_->workspace().channels)
        for (auto at = text.find("<#" + id + ">"); at != std::string::npos; at = text.find("<#" + id + ">"))
            text.replace(at, id.size() + 3, "#" + channel.name);
    static std::regex const date(R"(<!date\^\d+\^[^|>]*\|([^>]*)>)");
    static std::regex const link(R"(<(?:https?|mailto):[^|>]*\|([^>]*)>)");
    text = std::regex_replace(text, date, "$1");
    text = std::regex_replace(text, link, "$1");
    for (auto const& [from, to] :
         {std::pair{"\u200b", ""}, std::pair{"&lt;", "<"}, std::pair{"&gt;", ">"}, std::pair{"&amp;", "&"}})
        for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + std::string_view(to).size()))
            text.replace(at, std::string_view(from).size(), to);
    return text;
}

std::string World::lines(json::object const& message) {
    std::string out;
    auto const add = [&](std::string_view text) { out.append(readable(text)).append("\n"); };
    auto const* blocks = message.if_contains("blocks");
    if (blocks == nullptr || !blocks->is_array() || blocks->get_array().empty()) {
        add(text_of(message, "text"));
        return out;
    }
    // What an element shows: a button's word in brackets, a field's value, options with the chosen one marked.
    auto const show = [&](json::object const& element) {
        auto const text_in = [](json::object const& object) {
            auto const* text = object.if_contains("text");
            return text != nullptr && text->is_object() ? text_of(text->get_object(), "text") : std::string{};
        };
        auto const type = text_of(element, "type");
        if (type == "button") add("[" + text_in(element) + "]");
        if (auto const value = text_of(element, "initial_value"); !value.empty()) add("= " + value);
        if (auto const user = text_of(element, "initial_user"); !user.empty()) add("= <@" + user + ">");
        std::vector<std::string> chosen;
        if (auto const* one = element.if_contains("initial_option")) chosen.push_back(text_of(one->as_object(), "value"));
        if (auto const* some = element.if_contains("initial_options"))
            for (auto const& option : some->as_array()) chosen.push_back(text_of(option.as_object(), "value"));
        if (auto const* options = element.if_contains("options"))
            for (auto const& option : options->as_array()) {
                auto const& object = option.as_object();
                bool const is = std::find(chosen.begin(), chosen.end(), text_of(object, "value")) != chosen.end();
                add((is ? "(x) " : "( ) ") + text_in(object));
            }
    };
    for (auto const& value : blocks->get_array()) {
        auto const& block = value.get_object();
        if (auto const* text = block.if_contains("text")) add(text_of(text->as_object(), "text"));
        if (auto const* label = block.if_contains("label")) add(text_of(label->as_object(), "text"));
        if (auto const* hint = block.if_contains("hint")) add(text_of(hint->as_object(), "text"));
        if (auto const* fields = block.if_contains("fields"))
            for (auto const& field : fields->as_array()) add(text_of(field.as_object(), "text"));
        for (auto const* key : {"accessory", "element"})
            if (auto const* element = block.if_contains(key)) show(element->as_object());
        auto const* elements = block.if_contains("elements");
        if (elements == nullptr) continue;
        for (auto const& element : elements->get_array()) {
            auto const& object = element.get_object();
            auto const* text = object.if_contains("text");
            if (text != nullptr && text->is_string()) add(text->get_string());
            show(object);
        }
    }
    return out;
}

World::Reading World::reading(std::string const& channel, json::object const& message) {
    Reading result{.channel = channel, .ts = text_of(message, "ts"), .text = lines(message)};
    if (auto const* blocks = message.if_contains("blocks"); blocks != nullptr && blocks->is_array())
        result.blocks = blocks->get_array();
    result.from_bot = message.contains("bot_id");
    return result;
}

std::vector<World::Reading> World::history(std::string_view name) {
    std::vector<Reading> result;
    auto const& channel = *slack_->workspace().channel(name);
    for (auto const& [ts, message] : channel.messages)
        if (message.thread_ts.empty() || message.thread_ts == ts) {
            result.push_back({.channel = channel.id,
                              .ts = ts,
                              .text = lines({{"text", message.text}, {"blocks", message.blocks}}),
                              .blocks = message.blocks,
                              .from_bot = message.by_bot});
        }
    return result;
}

std::vector<World::Reading> World::thread(std::string_view name, std::string_view parent_ts) {
    std::vector<Reading> result;
    auto const& channel = *slack_->workspace().channel(name);
    for (auto const& [ts, message] : channel.messages)
        if (message.thread_ts == parent_ts && ts != parent_ts)
            result.push_back({.channel = channel.id,
                              .ts = ts,
                              .text = lines({{"text", message.text}, {"blocks", message.blocks}}),
                              .blocks = message.blocks,
                              .from_bot = message.by_bot});
    return result;
}

std::vector<World::Reading> World::direct_messages(std::string_view person) {
    std::vector<Reading> result;
    auto const answer = slack_->user_now("dms", {{"user", person}});
    for (auto const& message : answer.at("messages").as_array())
        result.push_back(reading(text_of(answer, "channel"), message.as_object()));
    return result;
}

std::vector<World::Reading> World::ephemerals(std::string_view person) {
    std::vector<Reading> result;
    auto const answer = slack_->user_now("ephemerals", {{"user", person}});
    for (auto const& message : answer.at("messages").as_array())
        result.push_back(reading(text_of(message.as_object(), "channel"), message.as_object()));
    return result;
}

json::object World::view(std::string_view person, std::string_view which) {
    auto const answer = slack_->user_now(std::string(which), {{"user", person}});
    auto const& view = answer.at(which);
    return view.is_object() ? view.get_object() : json::object();
}

std::string World::modal(std::string_view person) {
    auto const shown = view(person);
    if (shown.empty()) return {};
    return text_of(shown.at("title").as_object(), "text") + "\n" + lines(shown);
}

std::string World::home(std::string_view person) {
    auto const shown = view(person, "home");
    return shown.empty() ? std::string{} : lines(shown);
}

std::vector<World::Reading> World::said_by_bot(std::string_view name) {
    std::vector<Reading> result;
    auto const& channel = *slack_->workspace().channel(name);
    for (auto const& [ts, message] : channel.messages)
        if (message.by_bot)
            result.push_back({.channel = channel.id,
                              .ts = ts,
                              .text = lines({{"text", message.text}, {"blocks", message.blocks}}),
                              .blocks = message.blocks,
                              .from_bot = true});
    return result;
}

std::vector<World::Reading> World::newly_told_outsiders() {
    std::vector<Reading> result;
    auto const take = [&](bool outside, Reading reading) {
        auto const anew = said_.insert(reading.channel + reading.ts + reading.text).second;
        if (anew && outside) result.push_back(std::move(reading));
    };
    auto const& workspace = slack_->workspace();
    bool const guests_inside = toml_.find("guests = \"internal\"") != std::string::npos;
    auto const is_outside = [&](std::string const& id) {
        auto const person = workspace.people.find(id);
        return person != workspace.people.end() && !person->second.is_bot &&
               (person->second.team_id != fake::Workspace::team_id || (person->second.is_guest && !guests_inside));
    };
    for (auto const& [id, channel] : workspace.channels) {
        auto const thread_of = [](std::string const& ts, fake::Message const& message) {
            return message.thread_ts.empty() ? ts : message.thread_ts;
        };
        std::set<std::string> theirs;
        for (auto const& [ts, message] : channel.messages)
            if (is_outside(message.user)) theirs.insert(thread_of(ts, message));
        for (auto const& [ts, message] : channel.messages) {
            if (!message.by_bot) continue;
            json::object const shown{{"text", message.text}, {"blocks", message.blocks}};
            take(channel.is_ext_shared || is_outside(channel.im_user) || theirs.contains(thread_of(ts, message)),
                 {.channel = "#" + channel.name, .ts = ts, .text = readable(message.text) + "\n" + lines(shown)});
        }
    }
    for (auto const& [id, person] : workspace.people) {
        for (auto& message : ephemerals(id)) take(is_outside(id), std::move(message));
        take(is_outside(id), {.channel = "a modal of @" + person.handle, .text = modal(id)});
        take(is_outside(id), {.channel = "the Home of @" + person.handle, .text = home(id)});
    }
    return result;
}

std::string World::verify() {
    auto const found = verify_store("sqlite:" + (folder_ / "escalations.db").string());
    if (!found) return found.error().message;
    return found->problems.empty() ? std::string{} : found->problems.front();
}

}  // namespace esc::flows
