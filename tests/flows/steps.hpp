// One line of a flow: found in the table of steps, done or checked.
#pragma once

#include "tests/flows/world.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace esc::flows {

// Plays the file. Throws std::runtime_error with file:line and what was expected and found.
enum class BetweenSteps : std::uint8_t {
    goes_on,
    killed
};  // killed: after every step the bot ends as by SIGKILL and starts anew
void play(std::filesystem::path const& file, BetweenSteps between_steps = BetweenSteps::goes_on);

}  // namespace esc::flows
