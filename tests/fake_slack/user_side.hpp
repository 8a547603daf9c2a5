// People in front of Slack's client: what they type, press and see. Also the orders a test gives (control) and what arrives
// at response URLs.
#pragma once

#include "tests/fake_slack/forms.hpp"
#include "tests/fake_slack/site.hpp"

#include <functional>
#include <string>
#include <utility>

namespace esc::fake {

class UserSide {
public:
    explicit UserSide(Site& site) : site_(site) {}

    // POST /user/<name>. `done` is called once, perhaps at once: {"ok":true,…} or {"ok":false,"error":"a sentence"}.
    using Done = std::function<void(json::object)>;
    void act(std::string const& name, json::object const& body, Done done);
    // POST /control/<name>
    [[nodiscard]] json::object control(std::string const& name, json::object const& body);
    // POST to a response URL: status and body.
    [[nodiscard]] std::pair<int, std::string> respond(std::string const& path, std::string const& body);

private:
    struct Action {  // who and where, looked up
        json::object body{};
        Person* person = nullptr;
        Channel* channel = nullptr;
        Message* message = nullptr;  // only when "ts" was given
        bool ephemeral = false;
    };
    json::object look_up(json::object const& body, Action& action);
    json::object message(Action& action);
    json::object edit(Action& action);
    json::object remove(Action& action);
    json::object react(Action& action, bool add);
    void command(Action& action, Done done);
    void click(Action& action, Done done);
    // What a person reads between pressing and doing: true when they think better of it, and `done` has been called.
    static bool thinks_better(Action const& action, json::object const& element, Done const& done);
    void click_view(Action& action, Done done);
    void submit(Action& action, Done done);
    void close_view(Action& action);
    void shortcut(Action& action, Done done);
    // Sends an interaction whose acknowledgement carries nothing.
    void interact(json::object payload, bool accepts_response, Done done);
    // The view after an acknowledged submission.
    json::object after_submit(std::string const& person, std::string const& view_id, json::object const& ack);
    json::object change_group(json::object const& body);
    json::object change_person(json::object const& body);
    json::object invite(json::object const& body);
    // Puts what the app answered (acknowledgement or response URL) where it belongs; the error or {"message":…}.
    json::object take_response(ResponseUrl const& target, json::object const& response);

    Site& site_;
};

}  // namespace esc::fake
