// The seed of a random test: what a failure printed, given back in ESC_SEED, is tried first; else a new one every time.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>

namespace esc::test {

inline std::uint64_t random_seed() {
    if (auto const* given = std::getenv("ESC_SEED")) return std::strtoull(given, nullptr, 10);
    return std::uint64_t{std::random_device{}()} << 16U;
}

}  // namespace esc::test
