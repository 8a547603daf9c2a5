#include "bot/base/words.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

namespace esc {

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            auto const change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
            auto const swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

std::string_view closest(std::string_view word, std::vector<std::string_view> const& candidates) {
    constexpr std::size_t longest = 40;  // nobody means a word by more than that
    auto const typed = lower(word.substr(0, longest));
    std::string_view best;
    auto best_distance = static_cast<std::size_t>(-1);
    for (auto const candidate : candidates) {
        auto const part = !typed.empty() && candidate.find(typed) != std::string_view::npos;  // "risk" means "at-risk"
        auto const distance = part ? 0 : edit_distance(typed, candidate);
        if (distance >= best_distance) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

bool looks_like(std::string_view word, std::string_view candidate) {
    auto const allowed = std::size_t{candidate.size() >= 6 ? 2U : 1U};
    return word.size() <= candidate.size() + allowed && edit_distance(lower(word), candidate) <= allowed;
}

}  // namespace esc
