#include "bot/run/in_charge.hpp"

#include "bot/base/log.hpp"
#include "bot/run/store_calls.hpp"
#include "handlers/away.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <vector>

namespace esc::run {

namespace asio = boost::asio;

namespace {

constexpr std::size_t batch = 50;  // of one transaction

}  // namespace

asio::awaitable<void> look_after_those_in_charge(Store& store, Clock& clock, People const& people,
                                                 std::shared_ptr<Config const> config) {
    try {
        std::vector<PersonId> in_charge;
        co_await read(store, [&in_charge](Snapshot const& snapshot) { in_charge = handlers::people_in_charge(snapshot); });
        handlers::Active active;
        for (auto const& id : in_charge)
            if (auto const person = people.find(id)) active.emplace(id, person->role != Role::outsider);
        std::vector<EscalationId> ids;
        auto const now = clock.now();
        co_await read(store, [&](Snapshot const& snapshot) { ids = handlers::to_look_after(snapshot, active, *config, now); });
        for (std::size_t at = 0; at < ids.size(); at += batch) {
            auto const end = std::min(at + batch, ids.size());
            std::vector<EscalationId> const some(ids.begin() + static_cast<std::ptrdiff_t>(at),
                                                 ids.begin() + static_cast<std::ptrdiff_t>(end));
            handlers::Env const env{
                .now = clock.now(), .actor = {}, .workspace = {}, .trace = "in_charge", .config = config, .people = &people};
            co_await commit(store, env.now, [work = handlers::look_after(some, active, env)](Tx& tx) {
                static_cast<void>(work(tx));  // it answers nobody
            });
        }
        if (!ids.empty()) log::info("looked_after_those_in_charge", {{"escalations", ids.size()}});
    } catch (boost::system::system_error const& error) {
        if (error.code() == asio::error::operation_aborted) throw;  // we are told to end
        log::warning("not_looked_after_those_in_charge", {{"error", error.what()}});
    } catch (std::exception const& error) {
        log::warning("not_looked_after_those_in_charge", {{"error", error.what()}});
    }
}

}  // namespace esc::run
