// Somebody is away, or not there any more, and what that means for what they own: it stays theirs, and managers are told.
#include "handlers/away.hpp"

#include "bot/base/words.hpp"
#include "bot/base/zone.hpp"
#include "handlers/answers.hpp"
#include "handlers/colleague.hpp"
#include "handlers/rules/ownership.hpp"
#include "handlers/rules/parts.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

constexpr int page = 100;
constexpr int owned_max = 1000;  // of one person in one command; the hourly look finds what is beyond
constexpr std::size_t named_max = 20;
constexpr std::chrono::hours away_max{24 * 366};

// --- by oneself ----------------------------------------------------------------------------------------------------------

bool past_the_limit(Instant until, Config const& config, Instant now) { return until - now > config.service.away_limit; }

bool only_away(Escalation const& escalation) {
    return escalation.details.unavailable && !escalation.details.unavailable->deactivated;
}

std::string keys_of(std::vector<Escalation> const& escalations) {
    std::vector<std::string> keys;
    for (auto const& escalation : escalations)
        if (keys.size() < named_max) keys.push_back(escalation.id.key());
    auto text = fmt::format("{}", fmt::join(keys, ", "));
    if (escalations.size() > keys.size()) text += fmt::format(" and {} more", escalations.size() - keys.size());
    return text;
}

Outcome told(Instant until, std::vector<Escalation> const& owned, bool long_away, Config const& config) {
    auto text = blocks::markup("You are away until {}.", blocks::date(until));
    if (owned.empty()) return say(text + " You own nothing that is open.");
    text += blocks::markup(" Nothing was unassigned: {} {} yours.", keys_of(owned), owned.size() == 1 ? "stays" : "stay");
    if (long_away)
        text += blocks::markup(
            " Managers are told. Name who acts for you, or ask for a transfer: `{0} cover {1} @user until …`, "
            "`{0} transfer {1} @user reason`.",
            blocks::raw(blocks::escape(config.slack.escalate_command)), owned.front().id.number);
    return say(std::move(text));
}

// "until 18:00", "for 2h", "2h": what is left is the moment.
std::string_view moment_in(Words const& words) {
    auto const first = lower(words.at(0));
    auto const filler = first == "until" || first == "till" || first == "til" || first == "for";
    return words.rest(filler ? 1 : 0);
}

// "away team cannot log in" is a title.
bool is_meant(Words const& words, Env const& env) {
    constexpr std::array<std::string_view, 6> never_in_titles{"until", "till", "til", "off", "today", "tomorrow"};
    if (std::find(never_in_titles.begin(), never_in_titles.end(), lower(words.at(0))) != never_in_titles.end()) return true;
    return parse_when(readable(moment_in(words)), zone_of(env), env.now).has_value();
}

Result<Plan> away_until(std::string_view when, Env const& env) {
    ESC_TRY(auto const until, parse_when(readable(when), zone_of(env), env.now));
    if (until <= env.now) return fail(Errc::invalid, "Until when? That time is over already.");
    if (until > env.now + away_max) return fail(Errc::invalid, "At most a year.");
    return Plan{Work{[until, who = by(env), config = env.config, ladders = rules::ladders_of(*env.people, *env.config)](Tx& tx) {
        tx.set_away(who.actor.id, {.since = who.now, .until = until});
        auto const long_away = past_the_limit(until, *config, who.now);
        auto const owned = tx.owned_by(who.actor.id, owned_max);
        for (auto const& escalation : owned) {
            auto decision = long_away ? rules::owner_gone(escalation, {.until = until}, ladders.of(escalation.team), who)
                            : only_away(escalation) ? rules::owner_back(escalation, who)
                                                    : std::nullopt;
            if (decision) save(tx, *std::move(decision));
        }
        return told(until, owned, long_away, *config);
    }}};
}

Work not_away(Env const& env) {
    return [who = by(env)](Tx& tx) {
        auto const away = tx.away(who.actor.id);
        if (!away || away->until <= who.now) return say(std::string{"You were not away."});
        tx.clear_away(who.actor.id);
        for (auto const& escalation : tx.owned_by(who.actor.id, owned_max))
            if (only_away(escalation))
                if (auto decision = rules::owner_back(escalation, who)) save(tx, *std::move(decision));
        return say(std::string{"You are not away any more."});
    };
}

Query whether_away(Env const& env) {
    return [who = by(env), config = env.config](Snapshot const& snapshot) {
        auto const away = snapshot.away(who.actor.id);
        auto const& command = config->slack.escalate_command;
        if (away && away->until > who.now)
            return say(blocks::markup("You are away until {}. `{} away off` ends that.", blocks::date(away->until), command));
        return say(blocks::markup("You are not away. `{} away until 18:00` says that you are.", command));
    };
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    if (env.actor.role < Role::requester)
        return fail(Errc::forbidden, "Only people of this workspace can say here that they are away.");
    if (words.size() == 0) return Plan{whether_away(env)};
    if (lower(words.at(0)) == "off") return Plan{not_away(env)};
    return away_until(moment_in(words), env);
}

// --- by itself -----------------------------------------------------------------------------------------------------------

std::optional<bool> known(Active const& active, PersonId const& person) {
    auto const found = active.find(person);
    return found == active.end() ? std::nullopt : std::optional{found->second};
}

// One page in memory at a time.
template <class Use>
void each_open(Snapshot const& snapshot, Use use) {
    for (EscalationId after{};;) {
        auto const some = snapshot.open_after(after, page);
        for (auto const& escalation : some) use(escalation);
        if (some.size() < static_cast<std::size_t>(page)) return;
        after = some.back().id;
    }
}

// The next thing to do about who is in charge; nothing when all is said.
std::optional<Decision> looked_after(Escalation const& escalation, Active const& active,
                                     std::optional<Snapshot::Away> const& away, Config const& config, rules::Ladder const& ladder,
                                     rules::By const& by) {
    if (!escalation.owned()) return std::nullopt;
    auto const& details = escalation.details;
    if (details.coverage && known(active, details.coverage->acting) == false)
        if (auto ended = rules::end_coverage(escalation, by)) return *std::move(ended);
    auto const here = known(active, escalation.owner);
    if (here == false) return rules::owner_gone(escalation, {.deactivated = true}, ladder, by);
    if (here == true && details.unavailable && details.unavailable->deactivated) return rules::owner_back(escalation, by);
    if (away && !details.unavailable && past_the_limit(away->until, config, by.now))
        return rules::owner_gone(escalation, {.until = away->until}, ladder, by);
    return std::nullopt;
}

// A changed name or status is no matter: only who goes or comes back. Whoever goes, or becomes a guest, is looked at in any case,
// since this may be Slack's second try with what the first one left undone.
Result<Plan> by_event(slack::UserChanged const& in, Env const& env) {
    if (!in.now || in.now->bot) return Plan{Nothing{}};
    auto const before = env.people->find(in.user);
    bool const gone = in.now->deleted || !is_colleague(*in.now, in.head.workspace, *env.config);
    if (!gone && before && before->active && before->role != Role::outsider) return Plan{Nothing{}};
    Active const active{{in.user, !gone}};
    return Plan{Work{[active, person = in.user, config = env.config, ladders = rules::ladders_of(*env.people, *env.config),
                      by = rules::by_system(env.now, env.trace)](Tx& tx) {
        auto const away = tx.away(person);
        for (auto const& escalation : tx.owned_by(person, owned_max))
            if (auto decision = looked_after(escalation, active, away, *config, ladders.of(escalation.team), by))
                save(tx, *std::move(decision));
        return done();
    }}};
}

}  // namespace

std::vector<PersonId> people_in_charge(Snapshot const& snapshot) {
    std::set<PersonId> people;
    each_open(snapshot, [&people](Escalation const& escalation) {
        if (escalation.owned()) people.insert(escalation.owner);
        if (auto const& coverage = escalation.details.coverage) people.insert(coverage->acting);
    });
    return {people.begin(), people.end()};
}

std::vector<EscalationId> to_look_after(Snapshot const& snapshot, Active const& active, Config const& config, Instant now) {
    std::map<PersonId, std::optional<Snapshot::Away>> away;
    std::vector<EscalationId> found;
    each_open(snapshot, [&](Escalation const& escalation) {
        if (!escalation.owned()) return;
        auto const [place, is_new] = away.try_emplace(escalation.owner);
        if (is_new) place->second = snapshot.away(escalation.owner);
        if (looked_after(escalation, active, place->second, config, {}, rules::by_system(now))) found.push_back(escalation.id);
    });
    return found;
}

Work look_after(std::vector<EscalationId> ids, Active active, Env const& env) {
    return [ids = std::move(ids), active = std::move(active), config = env.config,
            ladders = rules::ladders_of(*env.people, *env.config), by = rules::by_system(env.now, env.trace)](Tx& tx) {
        for (auto const& id : ids)
            while (auto const escalation = tx.escalation(id)) {
                if (!escalation->open()) break;
                auto decision =
                    looked_after(*escalation, active, tx.away(escalation->owner), *config, ladders.of(escalation->team), by);
                if (!decision) break;
                save(tx, *std::move(decision));
            }
        return done();
    };
}

Minding::Minding(Env const& env) : config_(env.config), ladders_(rules::ladders_of(*env.people, *env.config)), by_(by(env)) {}

void Minding::mind(Tx& tx, Escalation const& before) const {
    auto const after = tx.escalation(before.id);
    if (!after || !after->open() || (before.open() && before.owner == after->owner)) return;
    if (auto decision = looked_after(*after, {}, tx.away(after->owner), *config_, ladders_.of(after->team), by_))
        save(tx, *std::move(decision));
}

Work minding_absence(Work work, EscalationId id, Env const& env) {
    return [work = std::move(work), id, minding = Minding{env}](Tx& tx) {
        auto const before = tx.escalation(id);
        auto outcome = work(tx);
        if (before) minding.mind(tx, *before);
        return outcome;
    };
}

void register_away(Router& router) {
    router.verb_of_oneself("away", is_meant,
                           {"away until 18:00", "you are away; what you own stays yours, and `away off` ends it"}, by_verb);
    router.event(by_event);
}

}  // namespace esc::handlers
