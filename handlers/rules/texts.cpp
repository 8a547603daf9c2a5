#include "handlers/rules/texts.hpp"

#include "bot/base/utf8.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/work.hpp"

namespace esc::rules {

namespace {

bool is_blank(char32_t value) {
    return value <= U' ' || value == 0x85 || value == 0xA0 || (value >= 0x2000 && value <= 0x200F) || value == 0x2028 ||
           value == 0x2029 || value == 0x202F || value == 0x3000 || value == 0xFEFF;
}

}  // namespace

std::size_t visible_characters(std::string_view text) {
    std::size_t count = 0;
    bool blank = false;
    for (std::size_t at = 0; at < text.size();) {
        auto const point = utf8::decode(text, at);
        at += point.size;
        if (is_blank(point.value)) {
            blank = count > 0;
            continue;
        }
        if (utf8::is_hidden_control(point.value) || utf8::continues_character(point.value)) continue;
        count += blank ? 2 : 1;
        blank = false;
    }
    return count;
}

bool can_be_read(std::string_view text) { return visible_characters(text) > 0; }

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
