#include "handlers/open_form.hpp"

#include "handlers/raising.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace esc::handlers {

namespace json = boost::json;
using About = views::RaiseForm::Message;

std::string Origins::metadata() const {
    json::object object{{"channel", channel.value}, {"response_url", response_url}};
    if (!message.ts.empty()) {
        object["ts"] = message.ts.value;
        object["thread_ts"] = message.thread_ts.value;
        object["private"] = about == About::of_private_channel;
    }
    return json::serialize(object);
}

Origins Origins::parse(std::string_view metadata) {
    boost::system::error_code error;
    auto const value = json::parse(metadata, error);
    if (error || !value.is_object()) return {};
    auto const& object = value.get_object();
    auto const word = [&](std::string_view name) {
        auto const* found = object.if_contains(name);
        return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
    };
    Origins origins{{word("channel")}, word("response_url"), {}, About::none};
    auto ts = word("ts");
    if (ts.empty() || origins.channel.empty()) return origins;
    origins.message = {origins.channel, {std::move(ts)}, {word("thread_ts")}};
    auto const* closed = object.if_contains("private");
    origins.about = closed != nullptr && closed->is_bool() && !closed->get_bool() ? About::readable : About::of_private_channel;
    return origins;
}

Outcome open_form(Origins const& origins, views::RaiseForm form, Env const& env) {
    form.message = origins.about;
    auto const team = team_for(*env.config, origins.channel, env.actor);
    Outcome outcome;
    outcome.open_modal = views::open_modal(*env.config, origins.metadata(), form, env.actor.seen_by(team));
    return outcome;
}

}  // namespace esc::handlers
