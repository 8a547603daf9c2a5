// Decoding by the table of well-formed sequences of the Unicode standard: no overlong forms, no surrogates, nothing above
// U+10FFFF.
#include "bot/base/utf8.hpp"

namespace esc::utf8 {

namespace {

[[nodiscard]] unsigned char byte_at(std::string_view text, std::size_t at) noexcept {
    return static_cast<unsigned char>(text[at]);
}

[[nodiscard]] bool in(char32_t value, char32_t first, char32_t last) noexcept { return value >= first && value <= last; }

}  // namespace

CodePoint decode(std::string_view text, std::size_t at) noexcept {
    auto const first = byte_at(text, at);
    if (first < 0x80) return {first, 1, true};
    std::size_t size = 0;
    char32_t value = 0;
    char32_t smallest = 0;
    if (first >= 0xC2 && first <= 0xDF) {
        size = 2;
        value = first & 0x1FU;
        smallest = 0x80;
    } else if (first >= 0xE0 && first <= 0xEF) {
        size = 3;
        value = first & 0x0FU;
        smallest = 0x800;
    } else if (first >= 0xF0 && first <= 0xF4) {
        size = 4;
        value = first & 0x07U;
        smallest = 0x10000;
    } else {
        return {};
    }
    if (text.size() - at < size) return {};
    for (std::size_t i = 1; i < size; ++i) {
        auto const next = byte_at(text, at + i);
        if ((next & 0xC0U) != 0x80U) return {};
        value = (value << 6U) | (next & 0x3FU);
    }
    if (value < smallest || value > 0x10FFFF || in(value, 0xD800, 0xDFFF)) return {};
    return {value, size, true};
}

void append(std::string& to, char32_t value) {
    auto const put = [&to](char32_t byte) { to.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
    if (value < 0x80) {
        put(value);
    } else if (value < 0x800) {
        put(0xC0U | (value >> 6U));
        put(0x80U | (value & 0x3FU));
    } else if (value < 0x10000) {
        put(0xE0U | (value >> 12U));
        put(0x80U | ((value >> 6U) & 0x3FU));
        put(0x80U | (value & 0x3FU));
    } else {
        put(0xF0U | (value >> 18U));
        put(0x80U | ((value >> 12U) & 0x3FU));
        put(0x80U | ((value >> 6U) & 0x3FU));
        put(0x80U | (value & 0x3FU));
    }
}

std::size_t length(std::string_view text) noexcept {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at += decode(text, at).size) ++count;
    return count;
}

bool is_hidden_control(char32_t value) noexcept {
    if (value == U'\n' || value == U'\t') return false;
    if (value == 0x200B || value == 0x200E || value == 0x200F || value == 0x2060) return true;  // nothing to see
    return value < 0x20 || in(value, 0x7F, 0x9F) || in(value, 0x202A, 0x202E) || in(value, 0x2066, 0x2069) || value == 0xFEFF;
}

bool continues_character(char32_t value) noexcept {
    return in(value, 0x0300, 0x036F) || in(value, 0x1AB0, 0x1AFF) || in(value, 0x1DC0, 0x1DFF) || in(value, 0x20D0, 0x20FF) ||
           in(value, 0xFE00, 0xFE0F) || in(value, 0xFE20, 0xFE2F) || value == 0x200D || in(value, 0x1F3FB, 0x1F3FF) ||
           in(value, 0xE0020, 0xE007F);
}

}  // namespace esc::utf8
