// Who is who, from Slack and the configuration. Roles are worked out once per change, so that find() is one look-up.
#include "bot/run/directory.hpp"

#include "bot/base/log.hpp"
#include "bot/net/timeout.hpp"
#include "bot/run/degraded.hpp"
#include "handlers/colleague.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration channel_life = 10min;
constexpr auto channel_limit = 15s;
constexpr auto reader_limit = 5s;
constexpr std::size_t channels_max = 10'000;  // beyond it the cache starts anew; a workspace has fewer that escalate
constexpr int asked_anew_max = 3;
constexpr int load_tries_max = 20;
constexpr Duration load_pause = 30s;
constexpr int pages_max = 5'000;      // of 200 people each
constexpr int member_pages_max = 20;  // of 1000 people each; nobody looks further

bool is_group(std::string const& id) { return !id.empty() && id.front() == 'S'; }

// What keeps Slack from telling now need not do so later: that is how it is passed on, whatever it is.
Error not_told(Error error) {
    if (!is_transient(error.code)) error.code = Errc::unavailable;
    return error;
}

}  // namespace

struct Directory::Impl {
    // What is known of somebody, before roles.
    struct Known {
        Person person{};
        bool internal = false;
        bool workspace_admin = false;
        bool stale = false;   // changed in Slack: asked for again when met, and listed as before until then
        bool untold = false;  // Slack never tells, for want of users:read: internal is the configuration's word
    };
    // A users.info under way, and those who wait for the same.
    struct Question {
        Result<void> answer = fail(Errc::unavailable, "users.info was given up");
        std::vector<std::shared_ptr<asio::steady_timer>> waiting{};
        bool overtaken = false;  // the person has changed since it was asked
    };
    struct CachedChannel {
        slack::Channel channel{};
        Instant until{};
    };

    WebClient& web;
    Clock& clock;
    std::shared_ptr<Config const> config;
    slack::Identity identity{};
    std::unordered_map<PersonId, Known> people{};
    std::map<GroupId, std::set<PersonId>> groups{};
    std::map<ChannelId, CachedChannel> channels{};
    struct Among {
        bool outsider = false;
        Instant until{};
    };
    std::map<ChannelId, Among> among{};  // the members of a channel
    // How often something has changed: an answer that was under way then is not kept.
    struct Changes {
        std::int64_t channel = 0;
        std::int64_t members = 0;
    };
    std::map<ChannelId, Changes> changes{};
    std::int64_t turned_outsiders = 0;
    std::function<void()> readers_changed{};
    std::map<PersonId, std::shared_ptr<Question>> asked{};

    // The configuration with groups expanded.
    std::set<PersonId> agents{}, leads{}, managers{}, admins{};
    struct Team {
        std::string name{};
        std::set<PersonId> members{}, leads{}, managers{};
        std::vector<PersonId> lead_list{}, manager_list{};  // empty: the workspace's
    };
    std::vector<Team> teams{};
    std::vector<PersonId> lead_list{}, manager_list{}, admin_list{};
    Gone gone{};  // nothing: to be collected anew

    Impl(WebClient& web_, Clock& clock_, std::shared_ptr<Config const> config_)
        : web(web_), clock(clock_), config(std::move(config_)) {
        expand();
    }

    // --- roles ------------------------------------------------------------------------------------------------------

    void expand() {
        auto const into = [this](std::vector<std::string> const& listed, std::set<PersonId>& out) {
            out.clear();
            for (auto const& id : listed) {
                if (!is_group(id)) {
                    out.insert(PersonId{id});
                } else if (auto const group = groups.find(GroupId{id}); group != groups.end()) {
                    out.insert(group->second.begin(), group->second.end());
                }
            }
        };
        into(config->people.agents, agents);
        into(config->people.leads, leads);
        into(config->people.managers, managers);
        into(config->people.admins, admins);
        teams.assign(config->teams.size(), {});
        for (std::size_t at = 0; at < teams.size(); ++at) {
            auto const& from = config->teams[at];
            teams[at].name = from.name;
            into(from.members, teams[at].members);
            into(from.leads, teams[at].leads);
            into(from.managers, teams[at].managers);
        }
        for (auto& [id, known] : people) {
            if (known.untold) known.internal = is_named(id) || (names_nobody() && known.internal);
            give_role(known);
        }
        list();
    }

    [[nodiscard]] bool names_nobody() const { return config->people.nobody() && config->teams.empty(); }
    [[nodiscard]] bool is_named(PersonId const& id) const {
        auto const in_team = [&id](Team const& one) {
            return one.members.contains(id) || one.leads.contains(id) || one.managers.contains(id);
        };
        return agents.contains(id) || leads.contains(id) || managers.contains(id) || admins.contains(id) ||
               std::any_of(teams.begin(), teams.end(), in_team);
    }

    [[nodiscard]] Role listed_role(PersonId const& id) const {
        if (managers.contains(id)) return Role::manager;
        if (leads.contains(id)) return Role::lead;
        if (agents.contains(id)) return Role::agent;
        return Role::requester;
    }

    void give_role(Known& known) const {
        auto& person = known.person;
        person.admin = false;
        person.role = Role::outsider;
        person.team_roles.clear();
        if (!known.internal || !person.active) return;
        for (auto const& team : teams) {
            if (team.managers.contains(person.id))
                person.team_roles.push_back({team.name, Role::manager});
            else if (team.leads.contains(person.id))
                person.team_roles.push_back({team.name, Role::lead});
            else if (team.members.contains(person.id))
                person.team_roles.push_back({team.name, Role::agent});
        }
        if (config->people.nobody()) {
            // With teams, those are who works; without, everybody is an agent.
            auto const others = config->teams.empty() ? Role::agent : Role::requester;
            person.role = known.workspace_admin ? Role::manager : others;
            person.admin = known.workspace_admin;
            return;
        }
        person.role = listed_role(person.id);
        // Somebody must be able to configure and be told last: without admins of our own, the workspace's.
        person.admin = config->people.admins.empty() ? known.workspace_admin : admins.contains(person.id);
    }

    // People named by id count although Slack has not told about them yet.
    void list() {
        std::set<PersonId> some_leads;
        std::set<PersonId> some_managers;
        std::set<PersonId> some_admins;
        auto const named = [this](PersonId const& id) { return !people.contains(id); };
        for (auto const& id : leads)
            if (named(id) && listed_role(id) == Role::lead) some_leads.insert(id);
        for (auto const& id : managers)
            if (named(id)) some_managers.insert(id);
        for (auto const& id : admins)
            if (named(id)) some_admins.insert(id);
        for (auto const& [id, known] : people) {
            if (known.person.role == Role::lead) some_leads.insert(id);
            if (known.person.role == Role::manager) some_managers.insert(id);
            if (known.person.admin) some_admins.insert(id);
        }
        lead_list.assign(some_leads.begin(), some_leads.end());
        manager_list.assign(some_managers.begin(), some_managers.end());
        admin_list.assign(some_admins.begin(), some_admins.end());
        for (auto& own : teams) {
            auto const there = [this](PersonId const& id) {
                auto const found = people.find(id);
                return found == people.end() || (found->second.internal && found->second.person.active);
            };
            own.manager_list.clear();
            own.lead_list.clear();
            std::copy_if(own.managers.begin(), own.managers.end(), std::back_inserter(own.manager_list), there);
            for (auto const& id : own.leads)
                if (there(id) && !own.managers.contains(id)) own.lead_list.push_back(id);
        }
    }

    [[nodiscard]] Team const* team(std::string_view name) const {
        auto const found = std::find_if(teams.begin(), teams.end(), [name](Team const& one) { return one.name == name; });
        return found == teams.end() ? nullptr : &*found;
    }

    [[nodiscard]] Changes changes_of(ChannelId const& id) const {
        auto const found = changes.find(id);
        auto so_far = found == changes.end() ? Changes{} : found->second;
        so_far.members += turned_outsiders;
        return so_far;
    }

    void tell_readers_changed() {
        if (readers_changed) readers_changed();
    }

    // Only what Slack has told counts: nobody else is known to be gone.
    [[nodiscard]] static bool is_gone(Known const& known) { return !known.untold && (!known.internal || !known.person.active); }
    [[nodiscard]] Gone const& all_gone() {
        if (!gone) {
            std::set<PersonId> all;
            for (auto const& [id, known] : people)
                if (is_gone(known)) all.insert(id);
            gone = std::make_shared<std::set<PersonId> const>(std::move(all));
        }
        return gone;
    }

    Known& learn(slack::User const& user) {
        auto& known = people[user.id];
        bool const was_internal = known.internal;
        bool const was_gone = gone && gone->contains(user.id);
        known.person.id = user.id;
        known.person.name = user.name;
        known.person.timezone = user.timezone;
        known.person.active = !user.bot && !user.deleted;
        known.internal = is_colleague(user, identity.workspace, *config);
        known.workspace_admin = user.admin;
        known.stale = false;
        known.untold = false;
        if (was_gone != is_gone(known)) gone.reset();
        give_role(known);
        if (was_internal && !known.internal) {
            among.clear();
            ++turned_outsiders;
            tell_readers_changed();
        }
        return known;
    }

    [[nodiscard]] bool is_listed(PersonId const& id) const {
        auto const found = people.find(id);
        if (found != people.end() && (found->second.person.role >= Role::lead || found->second.person.admin)) return true;
        auto const leads_a_team = [&](Team const& one) { return one.leads.contains(id) || one.managers.contains(id); };
        return leads.contains(id) || managers.contains(id) || admins.contains(id) ||
               std::any_of(teams.begin(), teams.end(), leads_a_team);
    }

    // --- somebody met -----------------------------------------------------------------------------------------------

    // Whom Slack does not have, or will not tell about.
    void note_without(PersonId const& id, Error const& error) {
        bool const was_listed = is_listed(id);
        auto const [place, is_new] = people.try_emplace(id);
        auto& known = place->second;
        known.person.id = id;
        if (is_new) known.person.name = id.value;
        known.stale = false;
        if (error.code == Errc::not_found) {
            known.internal = false;
            known.untold = false;
        } else if (is_new || known.internal) {
            // Who was told to be an outsider stays one.
            known.untold = true;
            known.internal = is_named(id) || (names_nobody() && known.internal);
        }
        gone.reset();
        give_role(known);
        if (was_listed || is_listed(id)) list();
    }

    // Afterwards the person is known one way or another; an error is transient, and nothing is known.
    asio::awaitable<Result<void>> ask(PersonId id, std::chrono::steady_clock::duration limit) {
        if (auto const under_way = asked.find(id); under_way != asked.end()) {
            auto const question = under_way->second;
            auto const timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, limit);
            question->waiting.push_back(timer);
            boost::system::error_code ended;  // cancelled: the answer is there
            co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ended));
            if (!ended) co_return fail(Errc::timed_out, "users.info is slow");
            co_return question->answer;
        }
        // However it ends, nobody waits in vain.
        struct Asking {
            Impl& self;
            PersonId id;
            std::shared_ptr<Question> question = std::make_shared<Question>();
            Asking(Impl& impl, PersonId person) : self(impl), id(std::move(person)) { self.asked.emplace(id, question); }
            ~Asking() {
                self.asked.erase(id);
                for (auto const& timer : question->waiting) timer->cancel();
            }
            Asking(Asking const&) = delete;
            Asking& operator=(Asking const&) = delete;
        } const asking(*this, id);
        auto& question = *asking.question;
        question.answer = fail(Errc::unavailable, "this person changes faster than Slack tells about them");
        // As with channels: an answer that was on its way then may be the old one.
        for (int tries = 0; tries < asked_anew_max; ++tries) {
            question.overtaken = false;
            auto const answer = co_await web.call(slack::users_info(id), WebClient::Patience::interactive, limit);
            if (question.overtaken) continue;
            question.answer = answer ? learn_from(id, *answer) : settle(id, answer.error());
            break;
        }
        co_return question.answer;
    }

    void overtake(PersonId const& id) {
        if (auto const under_way = asked.find(id); under_way != asked.end()) under_way->second->overtaken = true;
    }

    Result<void> learn_from(PersonId const& id, boost::json::object const& answer) {
        auto const* object = answer.if_contains("user");
        auto const user = object && object->is_object() ? slack::read_user(object->get_object())
                                                        : Result<slack::User>(fail(Errc::invalid, "user: missing"));
        if (!user || user->id != id) {
            auto const error = user ? fail(Errc::invalid, "user.id: somebody else") : user.error();
            log::warning("users_info_unreadable", {{"user", id.value}, {"error", error.message}});
            return not_told(error);
        }
        bool const was_listed = is_listed(user->id);
        learn(*user);
        if (was_listed || is_listed(user->id)) list();
        return {};
    }

    // Two refusals are for ever, and remembered until the daily load or a change of that person. Any other may pass.
    Result<void> settle(PersonId const& id, Error const& error) {
        bool const no_scope = error.cause == "missing_scope";
        if (error.code != Errc::not_found && !no_scope) return not_told(error);
        if (no_scope) say_degraded(people_untold(*config), error, id.value);
        note_without(id, error);
        return {};
    }

    // Somebody who was asked about, as they count where they act now where Slack never tells.
    asio::awaitable<Result<Person>> vouched(PersonId id, Origin origin, std::chrono::steady_clock::duration limit) {
        if (!people[id].untold) co_return people[id].person;  // told, and changed since
        bool const ours = !origin.workspace.empty() && origin.workspace == identity.workspace;
        if (is_named(id) && (ours || origin.workspace.empty())) co_return people[id].person;
        if (ours && names_nobody()) {
            auto& known = people[id];
            known.internal = true;
            give_role(known);
            co_return known.person;
        }
        if (ours && !origin.shared && !origin.channel.empty()) {
            auto const info = co_await channel(origin.channel, WebClient::Patience::interactive, limit);
            if (!info && is_transient(info.error().code)) co_return info.error();
            origin.shared = !info || info->shared;
        }
        auto person = people[id].person;
        if (!people[id].untold) co_return person;  // told meanwhile
        person.role = ours && !origin.shared && person.active ? Role::requester : Role::outsider;
        person.admin = false;
        person.team_roles.clear();
        co_return person;
    }

    asio::awaitable<Result<slack::Channel>> channel(ChannelId id, WebClient::Patience patience,
                                                    std::chrono::steady_clock::duration limit) {
        if (auto const cached = channels.find(id); cached != channels.end() && cached->second.until > clock.now())
            co_return cached->second.channel;
        // An answer that was on its way when the channel changed may be the old one.
        for (int tries = 0; tries < asked_anew_max; ++tries) {
            auto const before = changes_of(id).channel;
            auto const answer = co_await web.call(slack::conversations_info(id), patience, limit);
            if (!answer) co_return answer.error();
            auto found = slack::read_channel(*answer);
            if (changes_of(id).channel != before) continue;
            if (found) {
                if (channels.size() >= channels_max) channels.clear();
                channels[id] = {.channel = *found, .until = clock.now() + channel_life};
            }
            co_return found;
        }
        co_return fail(Errc::unavailable, "this channel changes faster than Slack tells about it");
    }

    asio::awaitable<Result<bool>> outsider_among(ChannelId id) {
        if (auto const cached = among.find(id); cached != among.end() && cached->second.until > clock.now())
            co_return cached->second.outsider;
        for (int tries = 0; tries < asked_anew_max; ++tries) {
            auto const before = changes_of(id).members;
            auto const found = co_await look_among(id);
            if (!found) co_return found.error();
            if (changes_of(id).members != before) continue;
            if (among.size() >= channels_max) among.clear();
            among[id] = {.outsider = *found, .until = clock.now() + channel_life};
            co_return *found;
        }
        co_return fail(Errc::unavailable, "people come and go faster than Slack tells about them");
    }

    asio::awaitable<Result<bool>> look_among(ChannelId id) {
        std::string cursor;
        for (int page = 0; page < member_pages_max; ++page) {
            auto const answer = co_await web.call(slack::conversations_members(id, cursor), WebClient::Patience::steady);
            if (!answer) co_return not_told(answer.error());
            auto const members = slack::read_members(*answer);
            if (!members) co_return not_told(members.error());
            for (auto const& member : *members) {
                if (member == identity.bot_user) continue;
                if (!people.contains(member) || people[member].stale)
                    if (auto const answered = co_await ask(member, reader_limit); !answered) co_return answered.error();
                auto const& known = people[member];
                // Slack never tells about those: a guest among them is taken for what everybody is taken for.
                if (!known.internal && !known.untold && known.person.active) co_return true;
            }
            cursor = slack::next_cursor(*answer);
            if (cursor.empty()) co_return false;
        }
        co_return true;  // whoever stands further down may be from outside
    }

    [[nodiscard]] std::set<GroupId> configured_groups() const {
        std::set<GroupId> all;
        auto const add = [&all](std::vector<std::string> const& listed) {
            for (auto const& id : listed)
                if (is_group(id)) all.insert(GroupId{id});
        };
        for (auto const* listed :
             {&config->people.agents, &config->people.leads, &config->people.managers, &config->people.admins})
            add(*listed);
        for (auto const& one : config->teams)
            for (auto const* listed : {&one.members, &one.leads, &one.managers}) add(*listed);
        return all;
    }

    // --- loading ----------------------------------------------------------------------------------------------------

    // Waits out what time mends, at most load_tries_max times.
    asio::awaitable<Result<boost::json::object>> patiently(slack::Call call) {
        for (int tries = 1;; ++tries) {
            auto answer = co_await web.call(call, WebClient::Patience::steady);
            if (answer || !is_transient(answer.error().code) || tries >= load_tries_max) co_return answer;
            co_await net::sleep_until(clock, clock.now() + std::max<Duration>(load_pause, answer.error().retry_after));
        }
    }

    asio::awaitable<void> load_group(GroupId group) {
        auto const answer = co_await patiently(slack::usergroups_users_list(group));
        if (!answer) {
            say_degraded("user groups in [people] and [[team]]", answer.error(), group.value);
            co_return;
        }
        std::set<PersonId> members;
        if (auto const* users = answer->if_contains("users"); users && users->is_array())
            for (auto const& user : users->get_array())
                if (user.is_string()) members.insert(PersonId{std::string(user.get_string())});
        groups[group] = std::move(members);
        expand();
    }

    asio::awaitable<void> load_people() {
        std::string cursor;
        for (int page = 0; page < pages_max; ++page) {
            auto const answer = co_await patiently(slack::users_list(cursor));
            if (!answer) {
                bool const no_scope = answer.error().cause == "missing_scope";
                say_degraded(
                    no_scope ? people_untold(*config) : "names and roles of all people at once; each is asked for when met",
                    answer.error(), "users.list");
                break;
            }
            auto const users = slack::read_users(*answer);
            if (!users) {
                log::warning("users_list_unreadable", {{"error", users.error().message}});
                break;
            }
            for (auto const& user : *users) learn(user);
            cursor = slack::next_cursor(*answer);
            if (cursor.empty()) break;
        }
        list();
        log::debug("directory_loaded", {{"people", people.size()}});
    }
};

Directory::Directory(WebClient& web, Clock& clock, std::shared_ptr<Config const> config)
    : impl_(std::make_unique<Impl>(web, clock, std::move(config))) {}
Directory::~Directory() = default;

std::optional<Person> Directory::find(PersonId const& id) const {
    auto const found = impl_->people.find(id);
    if (found == impl_->people.end() || found->second.stale) return std::nullopt;
    if (found->second.untold && !found->second.internal) return std::nullopt;  // what they are depends on where they act
    return found->second.person;
}
std::vector<PersonId> Directory::leads(std::string_view team) const {
    auto const* own = impl_->team(team);
    return own == nullptr || own->lead_list.empty() ? impl_->lead_list : own->lead_list;
}
std::vector<PersonId> Directory::managers(std::string_view team) const {
    auto const* own = impl_->team(team);
    return own == nullptr || own->manager_list.empty() ? impl_->manager_list : own->manager_list;
}
std::vector<Person> Directory::eligible_owners(std::string_view team) const {
    std::vector<Person> found;
    for (auto const& [id, known] : impl_->people)
        if (known.person.active && known.person.in(team) >= Role::agent) found.push_back(known.person);
    std::sort(found.begin(), found.end(),
              [](Person const& a, Person const& b) { return std::tie(a.name, a.id) < std::tie(b.name, b.id); });
    return found;
}
std::vector<PersonId> Directory::admins() const { return impl_->admin_list; }
Gone Directory::gone() const { return impl_->all_gone(); }

void Directory::identity(slack::Identity identity) { impl_->identity = std::move(identity); }
slack::Identity const& Directory::identity() const { return impl_->identity; }

asio::awaitable<void> Directory::load() {
    // Groups first: they are few and decide roles; the list of people may take many pages.
    for (auto const& group : impl_->configured_groups()) co_await impl_->load_group(group);
    co_await impl_->load_people();
}

std::optional<Person> Directory::told(PersonId const& id) const {
    auto const found = impl_->people.find(id);
    if (found == impl_->people.end() || found->second.stale || found->second.untold) return std::nullopt;
    return found->second.person;
}

asio::awaitable<Result<Person>> Directory::person(PersonId id, Origin origin, std::chrono::steady_clock::duration limit) {
    if (auto known = told(id)) co_return *std::move(known);
    auto& self = *impl_;
    auto const met = self.people.find(id);
    if (met == self.people.end() || met->second.stale) {
        auto const asked = co_await self.ask(id, limit);
        if (!asked) co_return asked.error();
        if (auto known = told(id)) co_return *std::move(known);
    }
    co_return co_await self.vouched(std::move(id), std::move(origin), limit);
}

asio::awaitable<Result<slack::Channel>> Directory::channel(ChannelId id) {
    return impl_->channel(std::move(id), WebClient::Patience::steady, channel_limit);
}

asio::awaitable<Result<bool>> Directory::outsiders_read(ChannelId place) {
    if (is_person(place)) {
        auto const reader = co_await person(PersonId{place.value}, {.workspace = identity().workspace}, reader_limit);
        if (!reader) co_return reader.error();
        co_return reader->role == Role::outsider;
    }
    auto const info = co_await channel(place);
    if (info) co_return info->shared;
    auto const& error = info.error();
    if (error.code == Errc::not_found) co_return false;  // Slack takes nothing for it from us either
    bool const for_an_admin = error.cause == "missing_scope" || slack::is_about_token(error.cause);
    co_return for_an_admin ? error : not_told(error);
}

asio::awaitable<Result<bool>> Directory::outsider_among(ChannelId channel) { return impl_->outsider_among(std::move(channel)); }

void Directory::on_readers_changed(std::function<void()> listener) { impl_->readers_changed = std::move(listener); }

void Directory::person_changed(slack::User const& user) {
    impl_->overtake(user.id);
    bool const was_listed = impl_->is_listed(user.id);
    impl_->learn(user);
    if (was_listed || impl_->is_listed(user.id)) impl_->list();
}
void Directory::forget_person(PersonId const& id) {
    impl_->overtake(id);
    if (auto const found = impl_->people.find(id); found != impl_->people.end()) found->second.stale = true;
}
std::int64_t Directory::readers_version(ChannelId const& id) const { return impl_->changes_of(id).members; }
void Directory::forget_channel(ChannelId const& id) {
    impl_->channels.erase(id);
    ++impl_->changes[id].channel;
    forget_members(id);
}
void Directory::forget_members(ChannelId const& id) {
    impl_->among.erase(id);
    ++impl_->changes[id].members;
    impl_->tell_readers_changed();
}

asio::awaitable<void> Directory::reload_group(GroupId group) {
    if (impl_->configured_groups().contains(group)) co_await impl_->load_group(std::move(group));
}

}  // namespace esc::run
