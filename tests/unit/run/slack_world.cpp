#include "tests/unit/run/slack_world.hpp"

#include "bot/run/dispatcher.hpp"
#include "handlers/rules/lifecycle.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <stdexcept>

namespace esc::test {

namespace json = boost::json;

namespace {

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+') {
            out += ' ';
        } else if (text[at] == '%' && at + 2 < text.size()) {
            out += static_cast<char>(std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16));
            at += 2;
        } else {
            out += text[at];
        }
    }
    return out;
}

TinySlack::Form form_of(std::string_view body) {
    TinySlack::Form form;
    while (!body.empty()) {
        auto const end = body.find('&');
        auto const pair = body.substr(0, end);
        auto const equals = pair.find('=');
        if (equals != std::string_view::npos) form[decoded(pair.substr(0, equals))] = decoded(pair.substr(equals + 1));
        if (end == std::string_view::npos) break;
        body.remove_prefix(end + 1);
    }
    return form;
}

Answer good(json::object object) {
    object["ok"] = true;
    return {.body = json::serialize(object), .headers = {}};
}

std::string field(TinySlack::Form const& form, std::string const& name) {
    auto const found = form.find(name);
    return found == form.end() ? std::string{} : found->second;
}

}  // namespace

TinySlack::TinySlack(boost::asio::any_io_executor executor) : server(executor) {
    server.answer = [this](Asked const& asked) {
        constexpr std::string_view prefix = "/api/";
        bool const api = asked.target.starts_with(prefix);
        auto const method = api ? asked.target.substr(prefix.size()) : std::string("response_url");
        auto const form = api ? form_of(asked.body) : Form{};
        calls.push_back({method, form, asked.body});
        if (auto& waiting = queued_[method]; !waiting.empty()) {
            auto answer = waiting.front();
            waiting.erase(waiting.begin());
            return answer;
        }
        if (auto const found = always.find(method); found != always.end()) return found->second(form);
        return usual(method, form);
    };
}

std::vector<TinySlack::Call> TinySlack::of(std::string const& method) const {
    std::vector<Call> some;
    for (auto const& call : calls)
        if (call.method == method) some.push_back(call);
    return some;
}

TinySlack::Message& TinySlack::put(std::string channel, std::string thread_ts, std::string text) {
    auto ts = "1790000000.000" + std::to_string(++last_ts_);
    messages.push_back({std::move(channel), std::move(ts), std::move(thread_ts), std::move(text), {}, 0});
    return messages.back();
}

Answer TinySlack::error(std::string const& code) {
    return {.body = json::serialize(json::object{{"ok", false}, {"error", code}}), .headers = {}};
}

void TinySlack::next(std::string const& method, Answer answer, int times) {
    for (int count = 0; count < times; ++count) queued_[method].push_back(answer);
}

Answer TinySlack::usual(std::string const& method, Form const& form) {
    auto const channel = field(form, "channel");
    if (method == "auth.test")
        return good({{"team_id", "T1"}, {"url", "https://x.slack.com/"}, {"user_id", "UBOT"}, {"bot_id", "B1"}});
    if (method == "chat.postMessage") {
        auto& message = put(channel.starts_with('U') ? "D" + channel : channel, field(form, "thread_ts"), field(form, "text"));
        if (form.contains("metadata")) message.metadata = json::parse(field(form, "metadata"));
        json::object shown{{"ts", message.ts}};
        if (!message.thread_ts.empty()) shown["thread_ts"] = message.thread_ts;
        return good({{"channel", message.channel}, {"ts", message.ts}, {"message", shown}});
    }
    if (method == "chat.update") {
        for (auto& message : messages)
            if (message.channel == channel && message.ts == field(form, "ts")) {
                message.text = field(form, "text");
                ++message.updates;
                return good({{"channel", channel}, {"ts", message.ts}});
            }
        return error("message_not_found");
    }
    if (method == "conversations.open") return good({{"channel", json::object{{"id", "D" + field(form, "users")}}}});
    if (method == "conversations.history" || method == "conversations.replies") {
        json::array list;
        auto const thread = field(form, "ts");
        for (auto const& message : messages) {
            if (message.channel != channel) continue;
            if (method == "conversations.replies" && message.thread_ts != thread && message.ts != thread) continue;
            json::object one{{"type", "message"}, {"ts", message.ts}, {"text", message.text}};
            if (!message.thread_ts.empty()) one["thread_ts"] = message.thread_ts;
            if (!message.metadata.is_null()) one["metadata"] = message.metadata;
            list.push_back(std::move(one));
        }
        if (method == "conversations.history" && channel.starts_with('U')) return error("channel_not_found");
        return good({{"messages", list}, {"has_more", false}});
    }
    if (method == "chat.getPermalink") {
        auto const ts = field(form, "message_ts");
        return good({{"channel", channel}, {"permalink", "https://x.slack.com/archives/" + channel + "/p" + ts}});
    }
    if (method == "conversations.info")
        return good({{"channel", json::object{{"id", channel},
                                              {"name", "general"},
                                              {"is_channel", true},
                                              {"is_member", true},
                                              {"is_private", channel.starts_with('G')}}}});
    if (method == "conversations.members")
        return good({{"members", json::array{"UBOT", "UANA", "UBO"}}, {"response_metadata", json::object{{"next_cursor", ""}}}});
    if (method == "users.info") {
        auto const found = people.find(field(form, "user"));
        return found == people.end() ? error("user_not_found") : good({{"user", found->second}});
    }
    if (method == "users.list") {
        json::array members;
        for (auto const& [id, person] : people) members.push_back(person);
        return good({{"members", members}, {"response_metadata", json::object{{"next_cursor", ""}}}});
    }
    return good({});
}

SlackWorld::SlackWorld() : web(http, clock, environment(), metrics) {
    std::string pattern = (std::filesystem::temp_directory_path() / "esc_run_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder = pattern;
    log::set_sink([this](std::string_view line) { lines.emplace_back(line); });
    for (auto const* id : {"UANA", "UBO"})
        slack.people[id] = {{"id", id}, {"team_id", "T1"}, {"name", id}, {"profile", json::object{{"display_name", id}}}};
    open_store();
    make_directory();
}

SlackWorld::~SlackWorld() {
    if (store) store->stop();
    settle(io);
    store.reset();
    log::set_sink({});
    std::error_code ignored;  // a leftover in the temporary folder fails no test
    std::filesystem::remove_all(folder, ignored);
}

Environment SlackWorld::environment() const {
    Environment some;
    some.bot_token = "xoxb-token-of-the-test";
    some.app_token = "xapp-token-of-the-test";
    some.api_url = slack.api_url();
    some.store_url = "sqlite:" + (folder / "store.db").string();
    return some;
}

void SlackWorld::open_store() {
    auto opened = Store::open(
        {.url = environment().store_url}, [this](std::function<void()> call) { boost::asio::post(io, std::move(call)); },
        metrics);
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
}

void SlackWorld::make_directory() {
    directory = std::make_unique<run::Directory>(web, clock, settings);
    directory->identity({.workspace = {"T1"}, .workspace_url = {}, .bot_user = {"UBOT"}, .bot_id = "B1"});
    finish(directory->load());
}

void SlackWorld::finish(boost::asio::awaitable<void> task) { BOOST_REQUIRE(run_to_end(io, std::move(task))); }

void SlackWorld::write(StoreWork work) {
    bool done = false;
    store->write({}, clock.now(), std::move(work), [&done](WriteResult result) {
        if (result.error) std::rethrow_exception(result.error);
        done = true;
    });
    BOOST_REQUIRE(until([&] { return done; }));
}

void SlackWorld::read(std::function<void(Snapshot const&)> query) {
    bool done = false;
    store->read(std::move(query), [&done](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
        done = true;
    });
    BOOST_REQUIRE(until([&] { return done; }));
}

bool SlackWorld::logged(std::string const& text) const {
    for (auto const& line : lines)
        if (line.find(text) != std::string::npos) return true;
    return false;
}

EscalationId SlackWorld::raise(MessageRef source, std::string response_url) {
    EscalationId id;
    write([&](Tx& tx) {
        id = tx.next_escalation_id();
        rules::RaiseRequest request{.id = id,
                                    .workspace = {"T1"},
                                    .severity = Severity::sev2,
                                    .title = "Checkout fails",
                                    .origin = source.ts.empty() ? Origin::slash_command : Origin::slack_message,
                                    .source = source,
                                    .opened_at = clock.now(),
                                    .response_url = response_url};
        Person const ana{.id = {"UANA"}, .name = "Ana", .role = Role::agent};
        tx.apply(
            rules::raise(request, settings->targets(Severity::sev2), {.actor = ana, .now = clock.now(), .trace = "t"}).value());
    });
    return id;
}

}  // namespace esc::test
