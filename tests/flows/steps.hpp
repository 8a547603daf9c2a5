// One line of a flow: found in the table of steps, done or checked.
#pragma once

#include "tests/flows/world.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

namespace esc::flows {

// The routes (Router::routes) that somebody has gone; a verb typed to the bot's name is "mentioned claim".
using Used = std::set<std::string>;

// Plays the file. Throws std::runtime_error with file:line and what was expected and found.
enum class BetweenSteps : std::uint8_t {
    goes_on,
    killed
};  // killed: after every step the bot ends as by SIGKILL and starts anew
void play(std::filesystem::path const& file, BetweenSteps between_steps, Used& used);

}  // namespace esc::flows
