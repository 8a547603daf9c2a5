// The admin listener: is it alive, is it ready and if not why, and its figures. Never behind the intake queue.
#pragma once

#include "bot/base/metrics.hpp"
#include "bot/net/http_server.hpp"
#include "store/store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace esc::run {

// `missing` says what readiness still lacks, in words; empty: ready. All arguments must outlive the server.
void route_admin(net::HttpServer& server, std::function<std::vector<std::string>()> missing, Metrics& metrics, Store& store);

}  // namespace esc::run
