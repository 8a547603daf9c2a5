// What a card's buttons carry, so that a press on an old card is noticed. Views write it, handlers read it.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/result.hpp"
#include "store/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace esc::handlers {

// A button's value: "12:v7". The card it was pressed on may be older than the record.
struct CardRef {
    EscalationId id{};
    std::int64_t version = 0;
    // Of a card's own buttons what the card showed, in the stored names: "12:v7:waiting_customer:SEV2:U1". A warning or a form
    // may well be older.
    struct Shown {
        std::optional<State> state{};  // nothing: in words that are no state's name, as older cards have them
        std::string severity{};
        PersonId owner{};
        friend bool operator==(Shown const&, Shown const&) = default;
    };
    std::optional<Shown> shown{};
    [[nodiscard]] static Result<CardRef> parse(std::string_view value);
    [[nodiscard]] static std::string make(Escalation const& escalation);
    [[nodiscard]] static std::string make_of_card(Escalation const& escalation);
    [[nodiscard]] static Shown shown_of(Escalation const& escalation);
};

}  // namespace esc::handlers
