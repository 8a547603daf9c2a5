// Metrics as a scraper sees them.
#include "bot/base/metrics.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>
#include <vector>

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(what_is_counted_is_exposed) {
    esc::Metrics metrics;
    metrics.counter("esc_clicks_total", "Clicks", {{"kind", "claim"}}).add();
    metrics.counter("esc_clicks_total", "Clicks", {{"kind", "claim"}}).add(2);
    metrics.counter("esc_clicks_total", "Clicks", {{"kind", "resolve"}}).add();
    auto const gauge = metrics.gauge("esc_queued", "Waiting");
    gauge.set(5);
    gauge.add(-2);
    metrics.histogram("esc_ack_seconds", "Ack", {0.1, 1}).observe(0.5);
    std::string const text = metrics.expose();
    for (std::string_view const line :
         {"esc_clicks_total{kind=\"claim\"} 3", "esc_clicks_total{kind=\"resolve\"} 1", "esc_queued 3",
          "esc_ack_seconds_bucket{le=\"0.1\"} 0", "esc_ack_seconds_bucket{le=\"1\"} 1", "esc_ack_seconds_bucket{le=\"+Inf\"} 1",
          "esc_ack_seconds_count 1", "# TYPE esc_clicks_total counter"}) {
        BOOST_TEST_CONTEXT(line) { BOOST_TEST(text.find(line) != std::string::npos); }
    }
}

BOOST_AUTO_TEST_CASE(label_values_are_escaped) {
    esc::Metrics metrics;
    metrics.counter("esc_odd_total", "Odd", {{"name", "a\"b\\c\nd"}}).add();
    BOOST_TEST(metrics.expose().find(R"(esc_odd_total{name="a\"b\\c\nd"} 1)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_handle_that_was_never_resolved_does_nothing) {
    esc::Counter{}.add();
    esc::Gauge{}.set(1);
    esc::Gauge{}.add(1);
    esc::Histogram{}.observe(1);
    BOOST_TEST(esc::Metrics{}.expose().empty());
}

BOOST_AUTO_TEST_CASE(threads_count_side_by_side) {
    esc::Metrics metrics;
    auto const counter = metrics.counter("esc_threads_total", "Threads");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&counter] {
            for (int n = 0; n < 1000; ++n) counter.add();
        });
    }
    for (std::thread& thread : threads) thread.join();
    BOOST_TEST(metrics.expose().find("esc_threads_total 4000") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
