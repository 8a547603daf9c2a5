// What a card's buttons carry, so that a press on an old card is noticed. Views write it, handlers read it.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/result.hpp"
#include "store/model.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace esc::handlers {

// A button's value: "12:v7". The card it was pressed on may be older than the record.
struct CardRef {
    EscalationId id{};
    std::int64_t version = 0;
    [[nodiscard]] static Result<CardRef> parse(std::string_view value);
    [[nodiscard]] static std::string make(Escalation const& escalation);
};

}  // namespace esc::handlers
