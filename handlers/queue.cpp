// The queue in rank order, with a filter.
#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/views/views.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

struct FilterWord {
    std::string_view word;
    QueueFilter filter;
};
constexpr std::array filters{FilterWord{"all", QueueFilter::open}, FilterWord{"mine", QueueFilter::mine},
                             FilterWord{"unowned", QueueFilter::unowned}, FilterWord{"at-risk", QueueFilter::at_risk},
                             FilterWord{"breached", QueueFilter::breached}};

Outcome help(std::string const& command) {
    return say(blocks::markup("`{}` shows what is open, most urgent first. A filter narrows it: {}", blocks::raw(command),
                              blocks::raw(fmt::format("`{} [mine|unowned|at-risk|breached|all]`", command))));
}

Result<QueueFilter> read_filter(Words const& words, std::string_view command) {
    if (words.size() == 0) return QueueFilter::open;
    auto const typed = lower(words.at(0));
    auto const known = std::find_if(filters.begin(), filters.end(), [&](FilterWord const& entry) { return entry.word == typed; });
    if (known != filters.end() && words.size() == 1) return known->filter;
    if (known != filters.end()) return fail(Errc::invalid, "One filter at a time: {} {}.", command, known->word);
    std::vector<std::string_view> names;
    names.reserve(filters.size());
    for (auto const& entry : filters) names.push_back(entry.word);
    auto const shown = blocks::cut(readable(typed), 40);
    auto const meant = closest(typed, names);
    if (looks_like(typed, meant) || meant.find(typed) != std::string_view::npos)
        return fail(Errc::invalid, "There is no filter \"{}\". The closest is: {} {}.", shown, command, meant);
    return fail(Errc::invalid, "There is no filter \"{}\". There are: {}, such as {} {}.", shown, fmt::join(names, ", "), command,
                names.front());
}

Result<Plan> by_command(slack::SlashCommand const& in, Env const& env) {
    ESC_CHECK(may_look(env.actor));
    Words const words{in.text};
    if (words.size() == 1 && lower(words.at(0)) == "help") return Plan{help(in.command)};
    ESC_TRY(auto const filter, read_filter(words, in.command));
    QueueQuery query;
    query.filter = filter;
    query.person = env.actor.id;
    query.now = env.now;
    return Plan{Query{[query](Snapshot const& snapshot) {
        return say(views::queue(snapshot.queue(query), snapshot.queue_counts(), query.filter, query.now));
    }}};
}

}  // namespace

void register_queue(Router& router) { router.command("queue", by_command); }

}  // namespace esc::handlers
