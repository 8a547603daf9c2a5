// Every *.flow file is a test case of its own. ESC_FLOW=name.flow plays only that one. With
// ESC_FLOW_KILLED=1 the bot is killed and started again after every step.
#include "bot/base/log.hpp"
#include "handlers/router.hpp"
#include "tests/flows/steps.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

std::vector<std::string> flow_files() {
    std::vector<std::string> names;
    if (char const* const only = std::getenv("ESC_FLOW")) return {only};
    for (auto const& entry : std::filesystem::directory_iterator(ESC_SOURCE_DIR "/tests/flows"))
        if (entry.path().extension() == ".flow") names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

// What all the flows have used, and how many were played: this program plays some or all of them.
esc::flows::Used used;
std::size_t played = 0;

}  // namespace

BOOST_DATA_TEST_CASE(flow, boost::unit_test::data::make(flow_files()), name) {
    // The log is kept and shown only when the flow fails.
    std::string log;
    esc::log::set_sink([&](std::string_view line) { log.append(line).append("\n"); });
    try {
        auto const between =
            std::getenv("ESC_FLOW_KILLED") == nullptr ? esc::flows::BetweenSteps::goes_on : esc::flows::BetweenSteps::killed;
        esc::flows::play(std::filesystem::path(ESC_SOURCE_DIR "/tests/flows") / name, between, used);
        ++played;
    } catch (std::exception const& error) {
        BOOST_TEST_ERROR(error.what());
        BOOST_TEST_MESSAGE(log);
    }
    esc::log::set_sink({});
}

// Nothing that can be pressed, typed, submitted or heard stands in no flow. After all of them, hence below them.
BOOST_AUTO_TEST_CASE(every_route_is_gone_in_some_flow) {
    if (std::getenv("ESC_FLOW") != nullptr || played < flow_files().size()) return;  // of a part nothing can be said
    auto routes = esc::handlers::make_router().routes();
    for (std::size_t at = 0, verbs = routes.size(); at < verbs; ++at)
        if (routes[at].starts_with("verb ")) routes.push_back("mentioned " + routes[at].substr(5));
    for (auto const& route : routes) BOOST_TEST(used.contains(route), route << " stands in no flow");
}
