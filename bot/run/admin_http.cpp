// /livez, /readyz and /metrics. What the store counts is asked when the figures are, so an idle service costs nothing.
#include "bot/run/admin_http.hpp"

#include "bot/base/log.hpp"
#include "bot/run/store_calls.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>
#include <utility>

namespace esc::run {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

net::HttpResponse response(int status, std::string type, std::string body) {
    net::HttpResponse answer;
    answer.status = status;
    answer.headers.emplace_back("Content-Type", std::move(type));
    answer.body = std::move(body);
    return answer;
}

bool is_read(net::ServerRequest const& request) { return request.method == "GET" || request.method == "HEAD"; }
net::HttpResponse wrong_method() {
    auto answer = response(405, "text/plain; charset=utf-8", "only GET\n");
    answer.headers.emplace_back("Allow", "GET, HEAD");
    return answer;
}

struct StoreFigures {
    Gauge open, unowned, at_risk, breached, waiting, dead, queued;
    explicit StoreFigures(Metrics& metrics) {
        auto const escalations = [&metrics](char const* which) {
            return metrics.gauge("esc_escalations", "Open escalations: all, and those that need attention.", {{"which", which}});
        };
        open = escalations("open");
        unowned = escalations("unowned");
        at_risk = escalations("at_risk");
        breached = escalations("breached");
        auto const outbox = [&metrics](char const* state) {
            return metrics.gauge("esc_outbox_depth", "Outbox items not delivered yet, and those given up.", {{"state", state}});
        };
        waiting = outbox("waiting");
        dead = outbox("dead");
        queued = metrics.gauge("esc_store_queued", "Commands waiting for the store's writer.");
    }
};

asio::awaitable<net::HttpResponse> expose(net::ServerRequest request, Metrics& metrics, Store& store,
                                          std::shared_ptr<StoreFigures> figures) {
    if (!is_read(request)) co_return wrong_method();
    QueueCounts counts;
    Snapshot::OutboxDepth depth;
    try {
        co_await read(store, [&counts, &depth](Snapshot const& snapshot) {
            counts = snapshot.queue_counts();
            depth = snapshot.outbox_depth();
        });
        figures->open.set(static_cast<double>(counts.open));
        figures->unowned.set(static_cast<double>(counts.unowned));
        figures->at_risk.set(static_cast<double>(counts.at_risk));
        figures->breached.set(static_cast<double>(counts.breached));
        figures->waiting.set(static_cast<double>(depth.waiting));
        figures->dead.set(static_cast<double>(depth.dead));
    } catch (std::exception const& error) {
        log::error("figures_unreadable", {{"error", error.what()}});  // the rest is still worth telling
    }
    figures->queued.set(static_cast<double>(store.queued()));
    co_return response(200, "text/plain; version=0.0.4; charset=utf-8", metrics.expose());
}

asio::awaitable<net::HttpResponse> live(net::ServerRequest request) {
    if (!is_read(request)) co_return wrong_method();
    co_return response(200, "text/plain; charset=utf-8", "alive\n");
}

asio::awaitable<net::HttpResponse> readiness(net::ServerRequest request, std::vector<std::string> reasons) {
    if (!is_read(request)) co_return wrong_method();
    json::object body{{"ready", reasons.empty()}};
    json::array list;
    for (auto const& reason : reasons) list.emplace_back(reason);
    body["reasons"] = std::move(list);
    co_return response(reasons.empty() ? 200 : 503, "application/json", json::serialize(body) + '\n');
}

}  // namespace

void route_admin(net::HttpServer& server, std::function<std::vector<std::string>()> missing, Metrics& metrics, Store& store) {
    server.route("/livez", [](net::ServerRequest request) { return live(std::move(request)); });
    server.route("/readyz",
                 [missing = std::move(missing)](net::ServerRequest request) { return readiness(std::move(request), missing()); });
    server.route("/metrics", [&metrics, &store, figures = std::make_shared<StoreFigures>(metrics)](net::ServerRequest request) {
        return expose(std::move(request), metrics, store, figures);
    });
}

}  // namespace esc::run
