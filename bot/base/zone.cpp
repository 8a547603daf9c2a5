// Asks the date library, which in Debian reads the system's tzdata.
#include "bot/base/zone.hpp"

#include <date/tz.h>

#include <exception>

namespace esc {

bool zone_exists(std::string_view name) {
    if (name == "UTC") return true;
    // The library reads a file of this name: nothing that could lead out of the database's folder.
    if (name.empty() || name.front() == '/' || name.find("..") != std::string_view::npos) return false;
    try {
        return date::locate_zone(name) != nullptr;
    } catch (std::exception const&) {
        return false;  // how the library says "no such zone"
    }
}

}  // namespace esc
