// What all ways of raising share: the team it belongs to, the level, links, the owner who was named, and that the same source
// never makes a second one.
#pragma once

#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/severity.hpp"
#include "store/model.hpp"
#include "store/tx.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::handlers {

// The team whose sources hold the channel, else the raiser's first, else the first [[team]]; empty without teams.
[[nodiscard]] std::string team_for(Config const& config, ChannelId const& channel, Person const& raiser);

// Most of the words of the shorter title are in the other one.
[[nodiscard]] bool similar_titles(std::string_view a, std::string_view b);

// An address as a link of an escalation, and, where it is a message's own address, the message. Errc::invalid for what is none.
[[nodiscard]] Result<std::vector<SourceLink>> links_of(std::string const& url);

// The link under the key that the store has it by. Links that were stored before tickets were known by one address have the
// address as it was typed: the same ticket is found there too, as it is typed now or in its one way, with either scheme.
[[nodiscard]] SourceLink as_stored(Snapshot const& snapshot, SourceLink const& link);

// What an address says that an open one has already: its raiser means the same, or may have named it besides.
enum class KnownLink : std::uint8_t { raises_again, asks_back };

struct Raising {
    rules::RaiseRequest request{};  // without id, workspace, team, severity and answers, which follow from the rest
    rules::SeverityChoice severity{};
    std::optional<Person> owner{};    // who was named
    std::vector<SourceLink> links{};  // new ones besides the message
    KnownLink known_link = KnownLink::raises_again;
    SourceLink thread{};  // whoever is raised in it is the same, while that is open
    SourceLink once{};    // opens one and no more: a form that is sent again
};
struct Raised {
    Escalation escalation{};
    bool again = false;       // it was there already
    bool first_time = false;  // and this person had not raised it before
    std::string card_permalink{};
    // An address that was named and that it has, where that and not the message itself tells; asked back, nothing was recorded.
    std::string known_address{};
};

// On the io thread; Errc::invalid when the level is not what the answers say and the reason is missing.
class Raise {
public:
    [[nodiscard]] static Result<Raise> prepare(Raising raising, Env const& env);
    // On the store's thread.
    [[nodiscard]] Result<Raised> operator()(Tx& tx) const;

private:
    struct Prepared;
    explicit Raise(std::shared_ptr<Prepared const> prepared) : prepared_(std::move(prepared)) {}
    std::shared_ptr<Prepared const> prepared_;
};
// Tickets that a text names become links of what `decision` is about. One that another open one has stays there, and both offer
// to be merged.
void join_tickets(Tx& tx, Decision& decision, std::vector<std::string> const& urls, rules::By const& by);
// The open or resolved one that has this message, told to who raises it again.
[[nodiscard]] std::optional<Raised> raised_before(Tx& tx, SourceLink const& link, rules::By const& by);
[[nodiscard]] Outcome answer(Raised const& raised);

}  // namespace esc::handlers
