#include "handlers/rules/texts.hpp"

#include "bot/base/utf8.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/work.hpp"

namespace esc::rules {

bool can_be_read(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        auto const point = utf8::decode(text, at);
        at += point.size;
        bool const blank = point.value <= U' ' || point.value == 0xA0 || (point.value >= 0x2000 && point.value <= 0x200F) ||
                           point.value == 0x2028 || point.value == 0x2029 || point.value == 0x202F || point.value == 0x3000 ||
                           point.value == 0xFEFF;
        if (!blank && !utf8::is_hidden_control(point.value) && !utf8::continues_character(point.value)) return true;
    }
    return false;
}

Result<void> fits_limit(std::string_view text) {
    if (auto const length = utf8::length(text); length > work_text_limit)
        return refusal_error(Errc::invalid, refusal::text, "That is {} characters long, and {} are the most.", length,
                             work_text_limit);
    return {};
}

Result<void> needs_text(std::string_view text, std::string const& otherwise) {
    if (!can_be_read(text)) return refusal_error(Errc::invalid, refusal::text, "{}", otherwise);
    return fits_limit(text);
}

}  // namespace esc::rules
