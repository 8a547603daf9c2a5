// A known person who names nobody unknown costs no coroutine; only fetching somebody waits in one.
#include "bot/run/introductions.hpp"

#include "bot/base/log.hpp"
#include "handlers/owners.hpp"
#include "handlers/router.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto person_limit = 1200ms;  // leaves time for the commit before Slack gives up
// People unknown so far that Slack is asked about at once: beyond it somebody has to try again, and Slack to send its event
// again. What nobody waits for leaves room for those who do.
constexpr std::size_t lookups_max = 100;
constexpr std::size_t event_lookups_max = 50;
constexpr std::size_t named_max = 5;  // people whom one command or form names, and who are asked about for it

// "U012AB3CD"
bool is_person_id(std::string_view text) {
    constexpr std::size_t id_max = 20;
    return text.size() > 2 && text.size() <= id_max && (text.front() == 'U' || text.front() == 'W') &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isupper(c) != 0 || std::isdigit(c) != 0; });
}

// "<@U1>" and "<@U1|ana>" anywhere in what was typed.
void add_mentioned(std::string_view text, std::vector<PersonId>& people) {
    constexpr std::string_view begin = "<@";
    for (auto at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at)) {
        at += begin.size();
        auto const id = text.substr(at, text.find_first_of("|>", at) - at);
        if (is_person_id(id)) people.emplace_back(std::string{id});
    }
}

// Whom a command or a form names: a handler looks them up without waiting.
std::vector<PersonId> named_in(slack::Payload const& payload) {
    std::vector<PersonId> people;
    if (auto const* command = std::get_if<slack::SlashCommand>(&payload)) add_mentioned(command->text, people);
    if (auto const* mention = std::get_if<slack::AppMention>(&payload)) add_mentioned(mention->text, people);
    if (auto const* view = std::get_if<slack::ViewSubmission>(&payload))
        for (auto const block : handlers::person_blocks)
            if (auto const chosen = view->state.get(block); is_person_id(chosen)) people.emplace_back(std::string{chosen});
    if (auto const* press = std::get_if<slack::BlockAction>(&payload); press && press->action_id == handlers::form_action)
        add_mentioned(press->value, people);  // a mention's words
    return people;
}

}  // namespace

Introductions::Introductions(net::TaskGroup& tasks, Directory& directory, Metrics& metrics)
    : tasks_(tasks),
      directory_(directory),
      refused_(metrics.counter("esc_person_lookups_refused_total",
                               "Payloads of people unknown so far that came while too many others were asked about.")) {}

bool Introductions::meet(Address const& address, slack::Payload const& payload, Met met) {
    auto actor = directory_.told(address.user);
    auto unmet = actor && actor->role < Role::requester ? std::vector<PersonId>{} : unmet_in(payload);
    if (actor && unmet.empty()) {
        met(*std::move(actor));
        return true;
    }
    if (lookups_ < (comes_again(address) ? event_lookups_max : lookups_max)) {
        tasks_.spawn("person", ask_about_all(shared_from_this(), address.user, address.origin, std::move(unmet), std::move(met),
                                             std::make_unique<CountedWhile>(lookups_)));
        return true;
    }
    refused_.add();
    log::warning_seldom("lookups", "too_many_unknown_people", {{"asked_at_once", lookups_}});
    if (!actor) return false;
    met(*std::move(actor));
    return true;
}

std::vector<PersonId> Introductions::unmet_in(slack::Payload const& payload) const {
    std::vector<PersonId> unmet;
    for (auto& id : named_in(payload))
        if (unmet.size() < named_max && id != directory_.identity().bot_user && !directory_.find(id) &&
            std::find(unmet.begin(), unmet.end(), id) == unmet.end())
            unmet.push_back(std::move(id));
    return unmet;
}

asio::awaitable<void> Introductions::ask_about_all(std::shared_ptr<Introductions> self, PersonId user, Origin origin,
                                                   std::vector<PersonId> unmet, Met met, std::unique_ptr<CountedWhile> counted) {
    auto const until = std::chrono::steady_clock::now() + person_limit;
    auto actor = co_await self->directory_.person(std::move(user), std::move(origin), person_limit);
    if (actor && actor->role >= Role::requester) {
        // All are asked about at once; what comes of it is found in the directory.
        for (auto const& id : unmet)
            if (self->lookups_ < lookups_max)
                self->tasks_.spawn("named", ask_about(self, id, until, std::make_unique<CountedWhile>(self->lookups_)));
        for (auto const& id : unmet) co_await ask_about(self, id, until, {});
    }
    counted.reset();
    met(std::move(actor));
}

asio::awaitable<void> Introductions::ask_about(std::shared_ptr<Introductions> self, PersonId id, Deadline until,
                                               std::unique_ptr<CountedWhile> counted) {
    auto const left = until - std::chrono::steady_clock::now();
    if (left <= left.zero() || self->directory_.find(id)) co_return;
    auto const told = co_await self->directory_.person(id, {}, left);
    if (!told) log::debug("named_person_not_told", {{"user", id.value}, {"error", told.error().message}});
    counted.reset();
}

}  // namespace esc::run
