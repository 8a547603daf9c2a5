#include "handlers/raising.hpp"

#include "bot/base/words.hpp"
#include "handlers/answers.hpp"
#include "handlers/away.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/ownership.hpp"
#include "handlers/rules/tickets.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/raise.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

namespace esc::handlers {
namespace {

constexpr std::chrono::hours similar_for{24};
constexpr int similar_percent = 60;
constexpr std::size_t telling_word_min = 3;  // bytes: "is" and "of" tell nothing

std::set<std::string> telling_words(std::string_view title) {
    std::set<std::string> all;
    std::set<std::string> telling;
    std::string word;
    auto const end = [&] {
        if (word.empty()) return;
        all.insert(word);
        if (word.size() >= telling_word_min) telling.insert(word);
        word.clear();
    };
    for (auto const letter : lower(title)) {
        auto const byte = static_cast<unsigned char>(letter);
        if (byte >= 0x80 || std::isalnum(byte) != 0)
            word += letter;
        else
            end();
    }
    end();
    return telling.empty() ? all : telling;
}

// A merged one stands for what it was merged into.
std::optional<Escalation> who_has(Snapshot const& snapshot, SourceLink const& link) {
    auto const known = snapshot.by_source(as_stored(snapshot, link));
    return known ? goes_on_as(snapshot, *known) : std::nullopt;
}

// Nothing comes of it any more: what has the same source is something new. A message that was resolved can be reopened.
bool is_over(Escalation const& escalation, SourceLink const& link) {
    if (escalation.open()) return false;
    return link.system != slack_system || escalation.state != State::resolved;
}

LedgerEvent raised_again_event(Escalation const& before, rules::By const& by) {
    LedgerEvent event;
    event.type = EventType::raised_again;
    event.recorded_at = by.now;
    event.source_time = by.now;
    event.actor = by.actor.id;
    event.actor_role = by.actor.role;
    event.data = boost::json::serialize(boost::json::object{{"state", to_string(before.state)}});
    event.trace = by.trace;
    return event;
}

Raised known_already(Snapshot const& snapshot, Escalation const& before) {
    auto const card = snapshot.surface(rules::card_key(before.id));
    return {before, true, false, card ? card->permalink : std::string{}};
}

Raised again(Tx& tx, Escalation const& before, rules::By const& by) {
    auto raised = known_already(tx, before);
    raised.first_time = !tx.last_event(before.id, {EventType::raised_again}, by.actor.id).has_value();
    if (raised.first_time) tx.record(before.id, {raised_again_event(before, by)});
    return raised;
}

// The owner, when one was named: agents may name themselves, leads and managers anybody.
// A refusal opens nothing, so it does not speak of the key that would have been the next.
Result<Decision> give(Escalation const& raised, Person const& owner, Config const& config, rules::By const& by) {
    auto given = owner.id == by.actor.id ? rules::claim(raised, by) : rules::assign(raised, owner, config, by);
    if (given) return given;
    if (given.error().code == Errc::invalid)
        return fail(Errc::invalid, "Nothing was opened: the owner must be an active agent, lead or manager.");
    return fail(given.error().code,
                "Nothing was opened: leads and managers name an owner, agents only themselves. "
                "Leave owner: out to open it without one.");
}

// "https://x.slack.com/archives/C1/p1700000000000100": the message C1, 1700000000.000100.
std::optional<MessageRef> message_at(std::string_view url) {
    constexpr std::string_view folder = "/archives/";
    constexpr std::size_t fraction = 6;
    auto const host_end = url.find(folder);
    if (host_end == std::string_view::npos || !url.substr(0, host_end).ends_with(".slack.com")) return std::nullopt;
    auto rest = url.substr(host_end + folder.size());
    auto const slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    auto const channel = rest.substr(0, slash);
    auto digits = rest.substr(slash + 1);
    digits = digits.substr(0, digits.find_first_of("?/"));
    if (channel.empty() || !digits.starts_with('p')) return std::nullopt;
    digits.remove_prefix(1);
    auto const all_digits = std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (digits.size() <= fraction || !all_digits) return std::nullopt;
    auto const whole = digits.size() - fraction;
    return MessageRef{{std::string{channel}}, {fmt::format("{}.{}", digits.substr(0, whole), digits.substr(whole))}, {}};
}

void drop_repeated(std::vector<SourceLink>& links) {
    std::set<std::pair<std::string, std::string>> seen;
    std::erase_if(links, [&](SourceLink const& link) { return !seen.emplace(link.system, link.external_id).second; });
}

}  // namespace

std::string team_for(Config const& config, ChannelId const& channel, Person const& raiser) {
    for (auto const& team : config.teams)
        if (!channel.empty() && std::find(team.sources.begin(), team.sources.end(), channel.value) != team.sources.end())
            return team.name;
    if (!raiser.team_roles.empty()) return raiser.team_roles.front().team;
    return config.teams.empty() ? std::string{} : config.teams.front().name;
}

bool similar_titles(std::string_view a, std::string_view b) {
    auto const one = telling_words(a);
    auto const other = telling_words(b);
    auto const fewer = std::min(one.size(), other.size());
    if (fewer == 0) return false;
    auto const shared =
        static_cast<std::size_t>(std::count_if(one.begin(), one.end(), [&](auto const& word) { return other.contains(word); }));
    return shared * 100 >= fewer * similar_percent;
}

SourceLink as_stored(Snapshot const& snapshot, SourceLink const& link) {
    auto const ticket = link.system == url_system ? rules::ticket_address(link.url) : std::nullopt;
    if (!ticket || snapshot.by_source(link)) return link;
    for (auto const& written : {link.url, *ticket}) {
        auto const plain = rules::plain_url(written);
        if (!plain) continue;
        auto const behind_scheme = plain->substr(plain->find("://"));
        for (auto const* scheme : {"https", "http"}) {
            auto old = link;
            old.external_id = scheme + behind_scheme;
            auto const holder = snapshot.by_source(old);
            if (!holder) continue;
            // Several tickets of some systems had one key: which one it was is told by the address itself.
            for (auto const& stored : snapshot.links(*holder))
                if (same_link(stored, old) && rules::ticket_address(stored.url) == ticket) return stored;
        }
    }
    return link;
}

Result<std::vector<SourceLink>> links_of(std::string const& url) {
    ESC_TRY(auto normal, rules::normal_url(url));
    auto const message = message_at(normal);
    std::vector<SourceLink> links{{std::string{url_system}, std::move(normal), url}};
    if (message) links.push_back(message_link(message->channel, message->ts));
    return links;
}

struct Raise::Prepared {
    rules::RaiseRequest request{};
    rules::RaisedSeverity severity{};
    std::optional<Person> owner{};
    std::vector<SourceLink> sources{};  // those it will have
    KnownLink known_link{};
    SourceLink thread{};
    SourceLink once{};
    rules::By by{};
    rules::Ladder ladder{};
    std::shared_ptr<Config const> config{};
    std::optional<Minding> minding{};  // of the owner who was named

    // The message itself is the first of the sources.
    [[nodiscard]] bool from_message() const { return request.origin == Origin::slack_message; }

    struct Known {
        Escalation escalation{};
        std::string address{};
    };
    [[nodiscard]] std::optional<Known> known(Snapshot const& snapshot) const {
        for (std::size_t index = 0; index < sources.size(); ++index)
            if (auto found = who_has(snapshot, sources[index]); found && !is_over(*found, sources[index]))
                return Known{*std::move(found), from_message() && index == 0 ? std::string{} : sources[index].external_id};
        if (!thread.external_id.empty())
            if (auto found = who_has(snapshot, thread); found && found->open()) return Known{*std::move(found)};
        return std::nullopt;
    }

    // Those that are over give the links up that the new one takes.
    void take_links(Tx& tx, EscalationId to) const {
        for (auto const& source : sources) {
            auto const stored = as_stored(tx, source);
            auto const holder = tx.by_source(stored);
            if (auto const before = holder ? tx.escalation(*holder) : std::nullopt)
                save(tx, rules::give_up_link(*before, stored, to, by));
        }
    }

    [[nodiscard]] EscalationId similar(Snapshot const& snapshot, Escalation const& raised) const {
        if (raised.account.empty()) return {};
        for (auto const& other : snapshot.recent_of_account(raised.id, raised.account, by.now - similar_for))
            if (similar_titles(raised.title, other.title)) return other.id;
        return {};
    }
};

Result<Raise> Raise::prepare(Raising raising, Env const& env) {
    auto prepared = std::make_shared<Prepared>();
    auto& request = raising.request;
    request.workspace = env.workspace;
    if (request.opened_at == Instant{}) request.opened_at = env.now;
    request.team = team_for(*env.config, request.source.channel, env.actor);
    prepared->by = by(env);
    prepared->by.actor = env.actor.seen_by(request.team);
    ESC_TRY(prepared->severity, rules::raised_severity(raising.severity, prepared->by.actor));
    request.severity = prepared->severity.severity;
    request.answers = prepared->severity.answers;
    if (raising.owner) prepared->owner = raising.owner->seen_by(request.team);
    if (raising.owner) prepared->minding.emplace(env);
    prepared->sources = std::move(raising.links);
    prepared->known_link = raising.known_link;
    // The message itself becomes a link by being raised.
    if (request.origin == Origin::slack_message) {
        auto const itself = message_link(request.source.channel, request.source.ts);
        std::erase_if(prepared->sources, [&](SourceLink const& one) {
            return one.system == itself.system && one.external_id == itself.external_id;
        });
        prepared->sources.insert(prepared->sources.begin(), itself);
    }
    drop_repeated(prepared->sources);
    request.links.assign(prepared->sources.begin() + (request.origin == Origin::slack_message ? 1 : 0), prepared->sources.end());
    if (!raising.once.external_id.empty()) request.links.push_back(raising.once);
    prepared->request = std::move(request);
    prepared->thread = std::move(raising.thread);
    prepared->once = std::move(raising.once);
    prepared->ladder = rules::ladders_of(*env.people, *env.config).of(prepared->request.team);
    prepared->config = env.config;
    return Raise{std::move(prepared)};
}

Result<Raised> Raise::operator()(Tx& tx) const {
    auto const& it = *prepared_;
    auto const& by = it.by;
    if (!it.once.external_id.empty())
        if (auto const known = tx.by_source(it.once)) return Raised{tx.escalation(*known).value(), false, false, {}};
    auto numbered = it.request;
    numbered.id = tx.next_escalation_id();
    auto raised = rules::raise(numbered, it.config->targets(numbered.severity), by);
    if (!raised) return raised.error();
    if (auto const known = it.known(tx)) {
        bool const asks_back = !known->address.empty() && it.known_link == KnownLink::asks_back;
        auto before = asks_back ? known_already(tx, known->escalation) : again(tx, known->escalation, by);
        before.known_address = known->address;
        return before;
    }

    rules::explain_raised_severity(*raised, it.severity, *it.config, it.ladder, by);
    raised->after.details.similar = it.similar(tx, raised->after);
    auto given = it.owner ? give(raised->after, *it.owner, *it.config, by) : Result<Decision>{Decision{}};
    if (!given) return given.error();
    it.take_links(tx, numbered.id);
    tx.apply(*raised);
    if (it.owner) tx.apply(*given);
    if (it.minding) it.minding->mind(tx, raised->after);
    return Raised{it.owner ? given->after : raised->after, false, false, {}};
}

void join_tickets(Tx& tx, Decision& decision, std::vector<std::string> const& urls, rules::By const& by) {
    auto const id = decision.after.id;
    auto const had = tx.links(id).size();
    for (auto const& url : urls) {
        auto links = links_of(url);
        if (!links) continue;
        auto const& link = links->front();
        auto const stored = as_stored(tx, link);
        auto const holder = tx.by_source(stored);
        auto const other = holder ? tx.escalation(*holder) : std::nullopt;
        if (other && other->id == id) continue;
        if (other && other->open()) {
            auto const& details = decision.after.details;
            if (details.same_ticket) continue;  // one is offered at a time
            rules::offer_merge(decision, other->id, url, by);
            save(tx, rules::name_same_ticket(*other, id, url, by));
            continue;
        }
        if (had + decision.links.size() >= rules::links_max) continue;
        if (other) save(tx, rules::give_up_link(*other, stored, id, by));
        rules::add_ticket(decision, link, by);
    }
}

std::optional<Raised> raised_before(Tx& tx, SourceLink const& link, rules::By const& by) {
    auto const found = who_has(tx, link);
    if (!found || is_over(*found, link)) return std::nullopt;
    return again(tx, *found, by);
}

Outcome answer(Raised const& raised) {
    return say(raised.again ? views::raised_again_answer(raised.escalation, raised.card_permalink)
                            : views::raised_answer(raised.escalation, raised.card_permalink));
}

}  // namespace esc::handlers
