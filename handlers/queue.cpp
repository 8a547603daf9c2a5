// The queue in rank order: one list, narrowed by severity, account and team, page by page; and boards, which show one to a
// channel.
#include "handlers/queue.hpp"

#include "bot/base/words.hpp"
#include "handlers/answers.hpp"
#include "handlers/boards.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/slips.hpp"
#include "handlers/views/board.hpp"
#include "handlers/views/views.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

constexpr int page_rows = 15;
constexpr int pages_max = 1000;

struct FilterWord {
    std::string_view word;
    QueueFilter filter;
};
constexpr std::array filters{FilterWord{"all", QueueFilter::open},          FilterWord{"mine", QueueFilter::mine},
                             FilterWord{"unowned", QueueFilter::unowned},   FilterWord{"at-risk", QueueFilter::at_risk},
                             FilterWord{"breached", QueueFilter::breached}, FilterWord{"waiting", QueueFilter::waiting}};
constexpr std::string_view pin_word = "pin";
constexpr std::string_view unpin_word = "unpin";
// Phones and Macs type the curly ones.
constexpr std::array<std::string_view, 4> quotes{"\"", "\u201C", "\u201D", "\u201E"};

constexpr std::string_view usage = "[mine|unowned|at-risk|breached|waiting|all] [sev1…sev4] [for:account] [team:name] [page]";

Outcome help(std::string const& command) {
    auto const line = [&](std::string_view words, std::string_view what) {
        return fmt::format("`{} {}`  {}\n", command, words, what);
    };
    auto text = fmt::format("`{}` shows what is open, most urgent first. One list, and what narrows it, in any order:\n`{} {}`\n",
                            command, command, usage);
    text += line("mine", "what you own, and what you cover for its owner");
    text += line("unowned", "what waits for somebody to claim it");
    text += line("at-risk", "a clock has reached its warning");
    text += line("breached", "a clock is over");
    text += line("waiting", "on a customer, a vendor or engineering");
    text += line("unowned sev1 for:\"Acme Corp\"", "lists, severities, accounts and teams can be combined");
    text += line("all 2", "the second page");
    text += line("pin unowned team:support",
                 "a board: a message in this channel that shows the list to all and is kept current (leads and managers)");
    text += line("unpin", "takes this channel's board away");
    return say(text);
}

std::string_view leading_quote(std::string_view text) {
    auto const found = std::find_if(quotes.begin(), quotes.end(), [&](auto one) { return text.starts_with(one); });
    return found == quotes.end() ? std::string_view{} : *found;
}

// What is asked for: to look, or for a board with that list, or to take the board away.
struct Asked {
    enum class What : std::uint8_t { look, pin, unpin } what = What::look;
    views::QueuePage page{};
};

// The line after the command, word by word.
class Reader {
public:
    Reader(std::string_view text, Config const& config, std::string_view command)
        : text_(trimmed(text)), rest_(text_), config_(config), command_(command) {}

    // After a refusal: the same line with the word that was probably meant.
    [[nodiscard]] std::optional<Slip> const& slip() const { return slip_; }

    Result<Asked> read() {
        while (!(rest_ = trimmed(rest_)).empty()) {
            auto const word = std::string{first_word(rest_)};
            auto const name = lower(word);
            if (name.starts_with("for:")) {
                ESC_TRY(page_.query.account, value("for:", "an account", "for:acme or for:\"Acme Corp\""));
                page_.query.account = blocks::cut(page_.query.account, rules::account_limit);
            } else if (name.starts_with("team:")) {
                ESC_CHECK(team());
            } else {
                auto const before = text_.substr(0, text_.size() - rest_.size());
                rest_.remove_prefix(word.size());
                ESC_CHECK(plain(name, before));
            }
        }
        if (what_ != Asked::What::look) ESC_CHECK(for_all());
        return Asked{what_, page_};
    }

private:
    // A board is one content for everybody who reads there.
    [[nodiscard]] Result<void> for_all() const {
        if (what_ == Asked::What::unpin && lower(text_) != unpin_word)
            return fail(Errc::invalid, "A channel has one board at most: {} {} takes it away, whatever it shows.", command_,
                        unpin_word);
        if (page_.query.filter == QueueFilter::mine)
            return fail(Errc::invalid, "A board shows the same to everybody, so it cannot be \"mine\". Such as {} {} unowned.",
                        command_, pin_word);
        if (page_named_)
            return fail(Errc::invalid, "A board shows the first {} of a list: {} {}.", board_rows, command_, pin_word);
        return {};
    }

    Result<std::string> value(std::string_view name, std::string_view what, std::string_view example) {
        rest_.remove_prefix(name.size());
        auto const quote = leading_quote(rest_);
        auto end = first_word(rest_).size();
        auto size = end;
        if (!quote.empty()) {
            rest_.remove_prefix(quote.size());
            for (end = 0; end < rest_.size() && leading_quote(rest_.substr(end)).empty();) ++end;
            if (end == rest_.size())
                return fail(Errc::invalid, "The quote after {} is not closed: {} {}.", name, command_, example);
            size = end + leading_quote(rest_.substr(end)).size();
        }
        auto found = blocks::one_line(readable(rest_.substr(0, end)));
        std::erase(found, '"');  // it goes into quotes again when a page is turned
        rest_.remove_prefix(size);
        if (trimmed(found).empty()) return fail(Errc::invalid, "After {} comes {}: {} {}.", name, what, command_, example);
        return found;
    }

    Result<void> team() {
        std::vector<std::string_view> names;
        names.reserve(config_.teams.size());
        for (auto const& one : config_.teams) names.push_back(one.name);
        if (names.empty()) return fail(Errc::invalid, "There are no teams here: {} shows everything that is open.", command_);
        ESC_TRY(auto const typed, value("team:", "a team's name", fmt::format("team:{}", names.front())));
        for (auto const name : names)
            if (lower(name) == lower(typed)) {
                page_.query.team = name;
                return {};
            }
        return fail(Errc::invalid, "There is no team \"{}\". The closest is: {} team:{}.", blocks::cut(typed, 40), command_,
                    closest(typed, names));
    }

    Result<void> plain(std::string const& name, std::string_view before) {
        auto const known = std::find_if(filters.begin(), filters.end(), [&](FilterWord const& one) { return one.word == name; });
        if (known != filters.end()) {
            if (list_chosen_ && known->filter != page_.query.filter)
                return fail(Errc::invalid, "One list at a time, such as {} {} sev1 for:acme.", command_, known->word);
            list_chosen_ = true;
            page_.query.filter = known->filter;
            return {};
        }
        if (name.size() == 4)
            if (auto const severity = parse_severity(name)) {
                if (page_.query.severity && *page_.query.severity != *severity)
                    return fail(Errc::invalid, "One severity at a time, such as {} {}.", command_, name);
                page_.query.severity = severity;
                return {};
            }
        auto const digits = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
        if (digits && name.size() <= 4) {
            page_.page = std::stoi(name);
            page_named_ = true;
            if (page_.page >= 1 && page_.page <= pages_max) return {};
            return fail(Errc::invalid, "Pages are counted from 1: {} all 2.", command_);
        }
        if (name == pin_word || name == unpin_word) {
            what_ = name == pin_word ? Asked::What::pin : Asked::What::unpin;
            return {};
        }
        if (name == "digest")
            return fail(Errc::invalid, "This version has no digests yet. {0} at-risk shows now what is at risk.", command_);
        if (name == "audit")
            return fail(
                Errc::invalid,
                "This version has no audit yet. Each escalation's own changes of severity and owner, with who and why, are in "
                "{} history 12.",
                config_.slack.escalate_command);
        return unknown(name, before);
    }

    Error unknown(std::string const& name, std::string_view before) {
        std::vector<std::string_view> names;
        std::transform(filters.begin(), filters.end(), std::back_inserter(names), [](auto const& one) { return one.word; });
        names.insert(names.end(), {"sev1", "sev2", "sev3", "sev4", "pin", "unpin", "help"});
        auto const shown = blocks::cut(readable(name), 40);
        auto const meant = closest(name, names);
        // A word that stands elsewhere ("pin help") is no slip: pressing Yes would say the same again.
        if (meant != name && (looks_like(name, meant) || meant.find(name) != std::string_view::npos))
            slip_ = Slip{.said = fmt::format("There is no filter \"{}\". The closest is", shown),
                         .meant = fmt::format("{}{}{}", before, meant, rest_),
                         .command = Slip::Command::queue};
        return fail(Errc::invalid, "There is no filter \"{}\". There are: {} {}.", shown, command_, usage);
    }

    std::string_view text_;
    std::string_view rest_;
    Config const& config_;
    std::string_view command_;
    std::optional<Slip> slip_{};
    views::QueuePage page_{};
    Asked::What what_ = Asked::What::look;
    bool list_chosen_ = false;
    bool page_named_ = false;
};

bool has_rows(Snapshot const& snapshot, QueueQuery query, int page) {
    query.limit = 1;
    query.offset = (page - 1) * page_rows;
    return !snapshot.queue(query).empty();
}

// The last page with rows that is not beyond `page`, found by halves, since rows are not counted. 1 when there are none.
int last_page(Snapshot const& snapshot, QueueQuery const& query, int page) {
    if (has_rows(snapshot, query, page)) return page;
    auto there = 1;
    for (auto beyond = page; beyond - there > 1;) {
        auto const middle = there + (beyond - there) / 2;
        (has_rows(snapshot, query, middle) ? there : beyond) = middle;
    }
    return there;
}

Query show(views::QueuePage page, Env const& env) {
    page.query.person = env.actor.id;
    page.query.now = env.now;
    return [page = std::move(page)](Snapshot const& snapshot) {
        auto shown = page;
        if (auto const last = page.page > 1 ? last_page(snapshot, page.query, page.page) : 1; last < page.page) {
            shown.page = last;
            shown.beyond = page.page;
        }
        shown.query.limit = page_rows + 1;  // one more tells whether there is a next page
        shown.query.offset = (shown.page - 1) * page_rows;
        for (auto& escalation : snapshot.queue(shown.query)) {
            shown.more = shown.rows.size() == page_rows;
            if (shown.more) break;
            auto card = snapshot.surface(rules::card_key(escalation.id));
            shown.rows.push_back({std::move(escalation), card ? std::move(card->permalink) : std::string{}});
        }
        shown.counts = snapshot.queue_counts();
        if (shown.query.filter == QueueFilter::mine) shown.load = snapshot.load(shown.query.person);
        return say(views::queue(shown));
    };
}

// --- boards -----------------------------------------------------------------------------------------------------------

std::string where_boards_are(std::vector<Board> const& boards) {
    std::vector<std::string> channels;
    channels.reserve(boards.size());
    for (auto const& board : boards) channels.push_back(blocks::channel(board.channel).text);
    return fmt::format("{}", fmt::join(channels, ", "));
}

// Whether it can stand there is known when Slack has been asked: who pinned it is told then.
Result<Plan> pin(QueueQuery list, slack::SlashCommand const& in, Env const& env) {
    ESC_CHECK(may_pin(env.actor, list.team));
    if (in.channel.empty() || in.channel.value.starts_with('D')) {
        return Plan{refused(say(views::board_impossible(views::BoardEnd::direct, env.bot, *env.config)))};
    }
    Board const board{.channel = in.channel, .list = std::move(list), .pinned_by = env.actor.id, .pinned_at = env.now};
    return Plan{Work{[board, actor = env.actor, now = env.now, url = in.response_url, command = in.command](Tx& tx) {
        auto const boards = tx.boards();
        auto const* old = board_in(boards, board.channel);
        if (old != nullptr)
            if (auto const may = may_pin(actor, old->list.team); !may) return refuse(may.error());
        if (old == nullptr && boards.size() >= boards_max)
            return refused(
                say(fmt::format("There are {} boards already, and more cannot be kept current: {}. Type `{} unpin` in "
                                "one of these first.",
                                boards.size(), where_boards_are(boards), command)));
        if (old != nullptr) {
            tx.unpin_board(old->id);
            tx.enqueue(board_item(*old, now));
        }
        tx.enqueue(board_item(tx.pin_board(board), now, url));
        return say(fmt::format("{} `{} unpin` takes it away.",
                               old != nullptr ? "The board comes anew at the end of this channel."
                                              : "The board comes into this channel and is kept current.",
                               command));
    }}};
}

Work unpin(slack::SlashCommand const& in, Env const& env) {
    return [channel = in.channel, actor = env.actor, now = env.now](Tx& tx) {
        auto const boards = tx.boards();
        auto const* board = board_in(boards, channel);
        if (board == nullptr)
            return boards.empty() ? refused(say("There is no board in this channel."))
                                  : refused(say(fmt::format("There is no board in this channel. There is one in {}.",
                                                            where_boards_are(boards))));
        if (auto const may = may_pin(actor, board->list.team); !may) return refuse(may.error());
        tx.unpin_board(board->id);
        tx.enqueue(board_item(*board, now));
        return say("The board is taken away.");
    };
}

Result<Plan> by_command(slack::SlashCommand const& in, Env const& env) {
    ESC_CHECK(rules::may_look(env.actor));
    if (lower(trimmed(in.text)) == "help") return Plan{help(in.command)};
    Reader reader{in.text, *env.config, in.command};
    auto asked = reader.read();
    if (reader.slip()) return asked_back(*reader.slip(), in, env);
    if (!asked) return asked.error();
    switch (asked->what) {
        case Asked::What::look:
            break;
        case Asked::What::pin:
            return pin(std::move(asked->page.query), in, env);
        case Asked::What::unpin:
            return Plan{unpin(in, env)};
    }
    return Plan{show(std::move(asked->page), env)};
}

// The words of the command, on a button.
Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    slack::SlashCommand command;
    command.channel = in.message.channel;
    command.response_url = in.response_url;
    command.command = env.config->slack.queue_command;
    command.text = in.value;
    return by_command(command, env);
}

}  // namespace

bool names_a_queue(std::string_view word) {
    return std::any_of(filters.begin(), filters.end(), [&](FilterWord const& one) { return one.word == word; });
}

void register_queue(Router& router) {
    router.command("queue", by_command);
    router.action(std::string{views::queue_next_action}, by_button);
    router.action(std::string{views::queue_previous_action}, by_button);
}

}  // namespace esc::handlers
