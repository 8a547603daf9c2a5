#include "world.hpp"

#include "store/sql/migrate.hpp"
#include "store/verify.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace esc::handler_test {

using handlers::Outcome;

std::optional<Person> TablePeople::find(PersonId const& id) const {
    for (auto const& person : table)
        if (person.id == id) return person;
    return std::nullopt;
}

std::vector<PersonId> TablePeople::of(Role role, std::string_view team) const {
    std::vector<PersonId> ids;
    for (auto const& person : table)
        if (person.in(team) == role && person.active) ids.push_back(person.id);
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::vector<Person> TablePeople::eligible_owners(std::string_view team) const {
    std::vector<Person> found;
    for (auto const& person : table)
        if (person.in(team) >= Role::agent && person.active) found.push_back(person);
    std::sort(found.begin(), found.end(), [](Person const& a, Person const& b) { return a.name < b.name; });
    return found;
}

std::vector<PersonId> TablePeople::admins() const {
    std::vector<PersonId> ids;
    for (auto const& person : table)
        if (person.admin && person.active) ids.push_back(person.id);
    return ids;
}

Gone TablePeople::gone() const {
    std::set<PersonId> ids;
    for (auto const& person : table)
        if (person.role == Role::outsider || !person.active) ids.insert(person.id);
    return std::make_shared<std::set<PersonId> const>(std::move(ids));
}

World::World() : connection_(sql::open_connection("sqlite::memory:", sql::Access::read_write)) {
    sql::migrate(*connection_, "in memory");
}

handlers::Env World::env(Person const& actor) const {
    return {
        .now = now, .actor = actor, .workspace = {"T1"}, .trace = "trace", .config = config, .people = &people, .bot = {"U_BOT"}};
}

Outcome World::in_transaction(handlers::Work const& work, bool commit, std::function<void()> const& look) {
    CommitNotice notice;
    Tx tx(*connection_, notice);
    connection_->begin(sql::Mode::write);
    try {
        auto outcome = work(tx);
        tx.finish();
        if (look) look();
        commit ? connection_->commit() : connection_->rollback();
        return outcome;
    } catch (...) {
        connection_->rollback();
        throw;
    }
}

Outcome World::run(handlers::Work const& work) {
    auto const first = in_transaction(work, false);
    auto second = in_transaction(work, true);
    BOOST_TEST(text_of(first) == text_of(second));
    BOOST_TEST(first.refused == second.refused);
    return second;
}

Outcome World::run(handlers::Plan const& plan) {
    if (auto const* work = std::get_if<handlers::Work>(&plan)) {
        auto outcome = run(*work);
        return outcome.then ? outcome.then(snapshot()) : outcome;
    }
    if (auto const* query = std::get_if<handlers::Query>(&plan)) return (*query)(snapshot());
    if (auto const* outcome = std::get_if<Outcome>(&plan)) return *outcome;
    return {};
}

Outcome World::send(slack::Payload const& payload, Person const& actor) {
    auto const plan = router.prepare(payload, env(actor));
    if (plan) return run(*plan);
    auto outcome = handlers::refuse(plan.error());
    BOOST_TEST(outcome.refused);
    return outcome;
}

slack::SlashCommand typed(std::string text, Person const& actor) {
    slack::SlashCommand command;
    command.user = actor.id;
    command.channel = {"C_SOURCE"};
    command.command = "/escalate";
    command.text = std::move(text);
    command.trigger_id = "trigger";
    command.response_url = "https://hooks.example/1";
    return command;
}

slack::ViewState resolution() {
    return {{{"resolution", "Rolled back"},
             {"exit", "met"},
             {"exit_text", "The graph"},
             {"cause", "bug"},
             {"preventable", "no"},
             {"customer_told", "yes"}}};
}

Outcome World::escalate(std::string text, Person const& actor) { return send(typed(std::move(text), actor), actor); }

Outcome World::press(std::string_view action, std::string value, Person const& actor) {
    slack::BlockAction press;
    press.user = actor.id;
    press.action_id = action;
    press.value = std::move(value);
    return send(press, actor);
}

Outcome World::submit(std::string_view callback, std::string metadata, slack::ViewState state, Person const& actor) {
    slack::ViewSubmission submission;
    submission.user = actor.id;
    submission.callback_id = callback;
    submission.private_metadata = std::move(metadata);
    submission.state = std::move(state);
    return send(submission, actor);
}

Outcome World::react(Person const& actor, std::string ts, std::string reaction) {
    slack::ReactionAdded event;
    event.user = actor.id;
    event.reaction = std::move(reaction);
    event.item = {{"C_SOURCE"}, {std::move(ts)}, {}};
    event.event_ts = "1700000000.000000";
    return send(event, actor);
}

void World::locate(handlers::LocateFacts facts) {
    if (facts.triage_channel) config->channels.triage = facts.triage_channel->id;
    run(handlers::located(std::move(facts), env({})));
}

World::Tried World::tried(slack::Payload const& payload, Person const& actor) {
    Tried tried;
    auto const look = [&] {
        tried.after = snapshot().escalation({1});
        tried.events = events({1});
        tried.outbox = outbox();
    };
    auto const plan = router.prepare(payload, env(actor));
    auto const* work = plan ? std::get_if<handlers::Work>(&*plan) : nullptr;
    if (work != nullptr) {
        auto const with_look = [&](Tx& tx) {
            auto outcome = (*work)(tx);
            return outcome.then ? outcome.then(tx) : outcome;
        };
        tried.outcome = in_transaction(with_look, false, look);
        return tried;
    }
    look();
    tried.outcome = plan ? run(*plan) : handlers::refuse(plan.error());
    return tried;
}

EscalationId World::open_one(std::string text) {
    EscalationId id{1};
    while (snapshot().escalation(id)) ++id.number;
    BOOST_TEST(!escalate(std::move(text), raiser).refused);
    BOOST_REQUIRE(snapshot().escalation(id).has_value());
    return id;
}

Escalation World::at(EscalationId id) const { return snapshot().escalation(id).value(); }

std::vector<std::string> World::outbox() const {
    std::vector<std::string> keys;
    for (auto const kind : all_outbox_kinds)
        for (auto const& row : snapshot().outbox_due(kind, now + 1000h, 1000)) keys.push_back(row.item.key);
    std::sort(keys.begin(), keys.end());
    return keys;
}

std::vector<EventType> World::events(EscalationId id) const {
    std::vector<EventType> types;
    for (auto const& stored : snapshot().events(id)) types.push_back(stored.event.type);
    return types;
}

std::vector<std::string> World::problems() const { return verify(*connection_).problems; }

void World::drop(std::string const& outbox_key) {
    auto const row = snapshot().outbox_row(outbox_key);
    BOOST_REQUIRE(row.has_value());
    in_transaction(
        [&](Tx& tx) {
            tx.outbox_done(row->id, row->generation);
            return handlers::done();
        },
        true);
}

std::string text_of(Outcome const& outcome) {
    std::string all;
    if (outcome.reply.message) {
        all = outcome.reply.message->text;
        for (auto const& block : outcome.reply.message->blocks) all += "\n" + boost::json::serialize(block.json);
    }
    for (auto const& [block, sentence] : outcome.reply.view_errors) all += block + ": " + sentence + "\n";
    if (outcome.open_modal) all += "modal " + outcome.open_modal->callback_id;
    return all;
}

slack::Channel channel(std::string id) {
    slack::Channel channel;
    channel.id = {std::move(id)};
    channel.name = "general";
    channel.member = true;
    return channel;
}

}  // namespace esc::handler_test
