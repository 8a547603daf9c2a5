// escalationd serve with the alert scheduler left out. The scene must fail against it: that is how we know that the scene sees
// the alerts and not something else.
#include "bot/run/service.hpp"

#include <string_view>

int main(int argc, char** argv) {
    using namespace esc::run;
    if (argc != 4 || std::string_view(argv[1]) != "serve" || std::string_view(argv[2]) != "--config") return exit_usage;
    auto const setup = read_setup(argv[3], Tokens::required);
    return setup.usable ? serve(setup, App::Parts{.alert_scheduler = false}) : exit_usage;
}
