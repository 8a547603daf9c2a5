// The built-in configuration: what holds for a workspace that gives two tokens and nothing else.
#include "bot/base/config.hpp"

namespace esc {

Config default_config() {
    using namespace std::chrono_literals;
    Config config;
    config.severities = {{
        {.criteria = "Production use stopped, or data exposed, and no workaround",
         .examples = {"All users of a paying account cannot log in"},
         .counter_examples = {"One user's password reset for a big account"}},
        {.criteria = "A core function badly impaired, or stopped with only a fragile workaround",
         .examples = {"Exports fail for all, a manual path exists"},
         .counter_examples = {"A slow report once a week"}},
        {.criteria = "A function impaired, with an acceptable workaround",
         .examples = {"A filter returns wrong rows"},
         .counter_examples = {"A cosmetic fault in a label"}},
        {.criteria = "A question, a minor fault or commercial irritation",
         .examples = {"An important customer asks how-to questions again and again"},
         .counter_examples = {"An outage"}},
    }};
    // All round the clock for now. SEV3 and SEV4 are meant in business time (1, 4 and 16 business hours; 4, 8 and 40): until
    // calendars exist their targets run on elapsed hours, days counted as 24 of them.
    config.sla = {{
        {.owner = 5min, .first_response = 15min, .resolution = 4h, .next_response = 15min, .engineering = 15min},
        {.owner = 15min, .first_response = 1h, .resolution = 8h, .next_response = 1h, .engineering = 1h},
        {.owner = 1h, .first_response = 4h, .resolution = 48h, .next_response = 4h, .engineering = 4h},
        {.owner = 4h, .first_response = 24h, .resolution = 120h, .next_response = 24h, .engineering = 24h},
    }};
    return config;
}

}  // namespace esc
