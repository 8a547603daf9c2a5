// Puts the parts together.
#include "tests/fake_slack/fake_slack.hpp"

#include "tests/fake_slack/server.hpp"

#include <stdexcept>
#include <utility>

namespace esc::fake {

struct FakeSlack::Impl {
    Impl(boost::asio::any_io_executor executor, Clock& clock, Options options)
        : site(clock, std::move(options.manifest)), web(site), people(site), server(std::move(executor), site, web, people) {
        site.limits.enforced = options.rate_limits;
        site.hub.recycles = options.recycles_connections;
    }
    Site site;
    WebApi web;
    UserSide people;
    Server server;
};

FakeSlack::FakeSlack(boost::asio::any_io_executor executor, Clock& clock, Options options)
    : impl_(std::make_unique<Impl>(std::move(executor), clock, std::move(options))) {}

FakeSlack::~FakeSlack() { stop(); }

Result<std::uint16_t> FakeSlack::start(std::uint16_t port) { return impl_->server.start(port); }

void FakeSlack::stop() {
    impl_->server.stop();
    impl_->site.hub.stop();
}

std::string FakeSlack::api_url() const { return impl_->site.base_url + "/api/"; }
std::string FakeSlack::bot_token() const { return impl_->site.workspace.bot_token; }
std::string FakeSlack::app_token() const { return impl_->site.workspace.app_token; }

void FakeSlack::user(std::string const& name, json::object const& body, Done done) {
    impl_->people.act(name, body, std::move(done));
}

json::object FakeSlack::user_now(std::string const& name, json::object const& body) {
    // The answer may come after this function has returned when the action waits for the bot: a misuse by the caller.
    auto answer = std::make_shared<json::object>();
    impl_->people.act(name, body, [answer](json::object done) { *answer = std::move(done); });
    if (answer->empty()) throw std::logic_error("/user/" + name + " waits for the bot: call user()");
    return *answer;
}

json::object FakeSlack::control(std::string const& name, json::object const& body) { return impl_->people.control(name, body); }

Workspace& FakeSlack::workspace() { return impl_->site.workspace; }

bool FakeSlack::quiet() const { return impl_->site.hub.unacked() == 0 && impl_->server.requests_under_way() == 0; }

std::size_t FakeSlack::connections() const { return impl_->site.hub.open_connections(); }

}  // namespace esc::fake
