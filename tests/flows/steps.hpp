// One line of a flow: found in the table of steps, done or checked.
#pragma once

#include "tests/flows/world.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace esc::flows {

// Plays the file. Throws std::runtime_error with file:line and what was expected and found.
void play(std::filesystem::path const& file);

}  // namespace esc::flows
