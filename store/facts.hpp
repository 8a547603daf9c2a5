// What the ledger keeps of an event besides texts: the one reader of LedgerEvent::data, which the rules write.
#pragma once

#include "bot/base/time.hpp"
#include "store/model.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace esc {

// What is missing or of another kind reads as nothing: an old version may have written the event.
class Facts {
public:
    explicit Facts(LedgerEvent const& event);

    [[nodiscard]] std::string text(std::string_view name) const;  // as it is: not escaped
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] std::optional<Instant> instant(std::string_view name) const;  // of microseconds
    [[nodiscard]] boost::json::array list(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return object_.contains(name); }

private:
    boost::json::object object_{};
};

}  // namespace esc
