// A store in memory, people from a table and the real router: what handlers need, without a network.
#pragma once

#include "bot/base/config.hpp"
#include "handlers/due.hpp"
#include "handlers/located.hpp"
#include "handlers/router.hpp"
#include "store/sql/connection.hpp"
#include "store/tx.hpp"

#include "people_and_times.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace esc::handler_test {

class TablePeople final : public People {
public:
    std::vector<Person> table{outsider, raiser, bystander, ana, ben, lea, max, adm};

    [[nodiscard]] std::optional<Person> find(PersonId const& id) const override;
    // A team without leads or managers of its own has the workspace's.
    [[nodiscard]] std::vector<PersonId> leads(std::string_view team) const override { return of(Role::lead, team); }
    [[nodiscard]] std::vector<PersonId> managers(std::string_view team) const override { return of(Role::manager, team); }
    [[nodiscard]] std::vector<Person> eligible_owners(std::string_view team) const override;
    [[nodiscard]] std::vector<PersonId> admins() const override;
    [[nodiscard]] Gone gone() const override;

private:
    [[nodiscard]] std::vector<PersonId> of(Role role, std::string_view team) const;
};

[[nodiscard]] slack::SlashCommand typed(std::string text, Person const& actor);  // "/escalate …" in C_SOURCE
[[nodiscard]] slack::ViewState resolution();                                     // the whole form

class World {
public:
    World();

    TablePeople people{};
    std::shared_ptr<Config> config = std::make_shared<Config>(default_config());
    handlers::Router router = handlers::make_router();
    Instant now = t0;

    [[nodiscard]] handlers::Env env(Person const& actor) const;
    // Prepares and runs it in a transaction of its own, as the dispatcher does. A Work runs twice, the first time in a
    // transaction that is rolled back, and must give the same answer.
    handlers::Outcome send(slack::Payload const& payload, Person const& actor);
    handlers::Outcome run(handlers::Work const& work);
    handlers::Outcome run(handlers::Plan const& plan);

    handlers::Outcome escalate(std::string text, Person const& actor);
    handlers::Outcome press(std::string_view action, std::string value, Person const& actor);
    handlers::Outcome submit(std::string_view callback, std::string metadata, slack::ViewState state, Person const& actor);
    handlers::Outcome react(Person const& actor, std::string ts = "1700000000.000100", std::string reaction = "rotating_light");
    void locate(handlers::LocateFacts facts);

    // What it would come to: done and looked at, and then taken back.
    struct Tried {
        handlers::Outcome outcome{};
        std::optional<Escalation> after{};  // ESC-1, its events, and all that would wait to be sent
        std::vector<EventType> events{};
        std::vector<std::string> outbox{};
    };
    Tried tried(slack::Payload const& payload, Person const& actor);

    // Raises one as SEV3 and gives its id.
    EscalationId open_one(std::string text = "Checkout fails");
    [[nodiscard]] Escalation at(EscalationId id) const;
    [[nodiscard]] Snapshot snapshot() const { return Snapshot{*connection_}; }
    [[nodiscard]] std::vector<std::string> outbox() const;  // keys of everything waiting, sorted
    [[nodiscard]] std::vector<EventType> events(EscalationId id) const;
    [[nodiscard]] std::vector<std::string> problems() const;  // what `verify` finds
    void drop(std::string const& outbox_key);                 // as if the relay had done it

private:
    handlers::Outcome in_transaction(handlers::Work const& work, bool commit, std::function<void()> const& look = {});

    std::unique_ptr<sql::Connection> connection_;
};

[[nodiscard]] std::string text_of(handlers::Outcome const& outcome);  // what the actor reads, all of it
[[nodiscard]] slack::Channel channel(std::string id);                 // public, joined

}  // namespace esc::handler_test
