// The way of one envelope, top to bottom: concerns us? who acts? prepare, commit, answer. The path of a known person is plain
// callbacks, so that a busy workspace costs no coroutine frames.
#include "bot/run/dispatcher.hpp"

#include "bot/base/counted_while.hpp"
#include "bot/base/log.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/timeout.hpp"
#include "bot/run/introductions.hpp"
#include "bot/run/reply.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace esc::run {

namespace asio = boost::asio;
using handlers::Outcome;
using namespace std::chrono_literals;

namespace {

constexpr Duration guard_delay = 2s;           // Slack gives up after 3 s
constexpr std::size_t follow_ups_max = 1'000;  // answers under way outside the ack; beyond it they are dropped and counted
constexpr std::size_t view_payload_max = slack::ack_frame_bytes_max - 200;  // the frame around it
constexpr std::string_view our_actions = "esc.";

enum class End : std::uint8_t { done, refused, duplicate, ignored, failed, overloaded, not_told };
constexpr std::array kinds{"command", "action", "view", "shortcut", "mention", "event"};
constexpr std::array ends{"done", "refused", "duplicate", "ignored", "failed", "overloaded", "not_told"};

// Elements of a form that only collect what is submitted tell of changes too.
bool only_collects(slack::Payload const& payload) {
    auto const* press = std::get_if<slack::BlockAction>(&payload);
    return press != nullptr && !press->action_id.starts_with(our_actions);
}

// What people say in a thread moves clocks at most; what they press or type moves owner, state or severity.
Homes::Change change_by(slack::Payload const& payload) {
    bool const talk = std::holds_alternative<slack::MessagePosted>(payload) ||
                      std::holds_alternative<slack::MessageChanged>(payload) ||
                      std::holds_alternative<slack::MessageDeleted>(payload);
    return talk ? Homes::Change::other : Homes::Change::ownership;
}

}  // namespace

struct Dispatcher::Impl : std::enable_shared_from_this<Impl> {
    struct Command;
    using CommandPtr = std::shared_ptr<Command>;
    struct Command {
        slack::Envelope envelope{};
        std::shared_ptr<Ack> ack{};
        Address address{};
        Instant guard_at{};
        bool guarded = false;  // the guard has answered; tells in which list it stands
        Outcome outcome{};     // written on the store's thread, read after its completion
        std::list<CommandPtr>::iterator place{};
    };

    asio::any_io_executor executor;
    Clock& clock;
    handlers::Router const& router;
    Store& store;
    Directory& directory;
    Homes& homes;
    WebClient& web;
    std::shared_ptr<Config const> config;
    net::TaskGroup tasks;
    std::shared_ptr<Introductions> introductions;

    std::list<CommandPtr> running{};  // in the order they came, which is the order their guards are due
    std::list<CommandPtr> late{};     // the guard has spoken
    std::optional<Clock::TimerId> guard_timer{};
    std::set<GroupId> changed_groups{};  // not asked for since
    std::size_t reloading = 0;
    bool stopping = false;

    std::array<std::array<Counter, ends.size()>, kinds.size()> counted{};
    Counter guards;
    Counter replies_dropped;

    Impl(asio::any_io_executor ex, Clock& clock_, handlers::Router const& router_, Store& store_, Directory& directory_,
         Homes& homes_, WebClient& web_, Metrics& metrics, std::shared_ptr<Config const> config_)
        : executor(ex),
          clock(clock_),
          router(router_),
          store(store_),
          directory(directory_),
          homes(homes_),
          web(web_),
          config(std::move(config_)),
          tasks(ex),
          introductions(std::make_shared<Introductions>(tasks, directory_, metrics)) {
        for (std::size_t kind = 0; kind < kinds.size(); ++kind)
            for (std::size_t end = 0; end < ends.size(); ++end)
                counted[kind][end] = metrics.counter("esc_commands_total", "Payloads from Slack by kind and what became of them.",
                                                     {{"kind", kinds[kind]}, {"outcome", ends[end]}});
        guards = metrics.counter("esc_guard_total", "Commands answered with \"still working\" after 2 s.");
        replies_dropped = metrics.counter("esc_replies_dropped_total", "Answers given up because too many were under way.");
    }

    void count(Address::Kind kind, End end) const {
        counted[static_cast<std::size_t>(kind)][static_cast<std::size_t>(end)].add();
    }

    // --- arrival ----------------------------------------------------------------------------------------------------

    void deliver(slack::Envelope envelope, std::shared_ptr<Ack> ack) {
        if (stopping) return;  // not acknowledged: Slack sends events again, and tells a person itself
        bool const ours = router.concerns_us(envelope.payload, *config) && !only_collects(envelope.payload);
        if (!ours) {
            house_keeping(envelope.payload);
            (*ack)();
            count(kind_of(envelope.payload), End::ignored);
            return;
        }
        auto command = std::make_shared<Command>();
        command->envelope = std::move(envelope);
        command->ack = std::move(ack);
        command->address = address_of(command->envelope.payload);
        command->guard_at = clock.now() + guard_delay;
        command->place = running.insert(running.end(), command);
        if (!guard_timer) arm_guard();

        meet(command);
        // After the handler, which compares with what was known before.
        house_keeping(command->envelope.payload);
    }

    void meet(CommandPtr const& command) {
        if (command->address.user.empty()) return run(command, {});  // Slack does not tell who deleted a message
        auto const met = [self = shared_from_this(), command](Result<Person> actor) {
            if (actor)
                self->run(command, *std::move(actor));
            else
                self->not_told(command, actor.error().message, End::not_told);
        };
        if (!introductions->meet(command->address, command->envelope.payload, met))
            not_told(command, "too many unknown people at once", End::overloaded);
    }

    // What the program itself learns from events, whoever sent them and whoever else listens. Nothing here waits.
    void house_keeping(slack::Payload const& payload) {
        if (auto const* user = std::get_if<slack::UserChanged>(&payload)) {
            if (user->now)
                directory.person_changed(*user->now);
            else
                directory.forget_person(user->user);
        } else if (auto const* group = std::get_if<slack::SubteamMembersChanged>(&payload)) {
            changed_groups.insert(group->group);
            if (reloading == 0)
                tasks.spawn("groups", reload_groups(shared_from_this(), std::make_unique<CountedWhile>(reloading)));
        } else if (auto const* joined = std::get_if<slack::MemberJoinedChannel>(&payload)) {
            if (joined->user == directory.identity().bot_user)
                directory.forget_channel(joined->channel);
            else
                directory.forget_members(joined->channel);
        } else if (auto const* sharing = std::get_if<slack::ChannelSharing>(&payload)) {
            directory.forget_channel(sharing->channel);
        } else if (auto const* changed = std::get_if<slack::ChannelIdChanged>(&payload)) {
            directory.forget_channel(changed->from);
            directory.forget_channel(changed->to);
        } else if (std::holds_alternative<slack::AccessRevoked>(payload)) {
            log::error("access_revoked", {{"hint", "the app was removed from the workspace or its token was revoked"}});
        } else if (auto const* limited = std::get_if<slack::AppRateLimited>(&payload)) {
            log::warning("events_rate_limited", {{"minute", limited->minute}});
        }
    }

    // One after the other by one task, which has its place whatever else is under way: nobody asks for them again.
    static asio::awaitable<void> reload_groups(std::shared_ptr<Impl> self, std::unique_ptr<CountedWhile> reloading) {
        while (!self->changed_groups.empty())
            co_await self->directory.reload_group(self->changed_groups.extract(self->changed_groups.begin()).value());
    }

    // --- prepare and commit -----------------------------------------------------------------------------------------

    void run(CommandPtr const& command, Person actor) {
        auto const now = clock.now();
        handlers::Env const env{.now = now,
                                .actor = std::move(actor),
                                .workspace = command->address.workspace,
                                .trace = command->envelope.key,
                                .config = config,
                                .people = &directory,
                                .bot = directory.identity().bot_user};
        try {
            auto plan = router.prepare(command->envelope.payload, env);
            if (!plan) {
                command->outcome = handlers::refuse(plan.error());
                command->outcome.refused = true;
                answer(command);
                return;
            }
            if (auto* work = std::get_if<handlers::Work>(&*plan)) {
                commit(command, now, std::move(*work));
            } else if (auto* query = std::get_if<handlers::Query>(&*plan)) {
                look(command, std::move(*query));
            } else if (auto* outcome = std::get_if<Outcome>(&*plan)) {
                command->outcome = std::move(*outcome);
                answer(command);
            } else {
                acknowledge(command);
                finish(command, End::ignored);
            }
        } catch (std::exception const& error) {
            failed(command, error.what(), End::failed);
        }
    }

    void commit(CommandPtr const& command, Instant now, handlers::Work work) {
        store.write(
            command->envelope.key, now, [command, work = std::move(work)](Tx& tx) { command->outcome = work(tx); },
            [self = shared_from_this(), command](WriteResult const& result) { self->committed(command, result); });
    }

    void committed(CommandPtr const& command, WriteResult const& result) {
        switch (result.status) {
            case WriteStatus::committed:
                if (!command->outcome.refused) homes.changed(change_by(command->envelope.payload));
                if (auto then = std::exchange(command->outcome.then, {}))
                    look(command, std::move(then));
                else
                    answer(command);
                break;
            case WriteStatus::duplicate:
                acknowledge(command, command->address.kind == Address::Kind::view ? slack::view_clear_json() : std::string{});
                finish(command, End::duplicate);
                break;
            case WriteStatus::failed:
                failed(command, what_of(result.error), End::failed);
                break;
            case WriteStatus::overloaded:
                failed(command, "the store's queue is full", End::overloaded);
                break;
            case WriteStatus::stopped:
                failed(command, "the service is stopping", End::overloaded);
                break;
        }
    }

    void look(CommandPtr const& command, handlers::Query query) {
        store.read([command, query = std::move(query)](Snapshot const& snapshot) { command->outcome = query(snapshot); },
                   [self = shared_from_this(), command](std::exception_ptr error) {
                       if (error)
                           self->failed(command, what_of(error), End::failed);
                       else
                           self->answer(command);
                   });
    }

    // --- answers ----------------------------------------------------------------------------------------------------

    void acknowledge(CommandPtr const& command, std::string_view payload = {}) {
        if (command->ack->sent()) return;
        (*command->ack)(payload);
    }

    // The outcome stands: tell the actor in the way the payload allows.
    void answer(CommandPtr const& command) {
        bool const refused = command->outcome.refused;
        if (command->outcome.home)
            homes.show(command->address.user, command->address.workspace, std::move(*command->outcome.home));
        if (acknowledge_with(command)) say(command);
        finish(command, refused ? End::refused : End::done);
    }

    // A mention brings no trigger: pressing this button does, and opens the same.
    [[nodiscard]] slack::blocks::Message offer_form(std::string_view mention) const {
        auto message = plain_message("This needs a form.");
        message += slack::blocks::actions(
            {}, {slack::blocks::button(
                    {.action_id = std::string(handlers::form_action),
                     .text = "Open the form",
                     .value = std::string(handlers::said_to(directory.identity().bot_user, mention).value_or(""))})});
        return message;
    }

    // Acknowledges with what an ack can carry, which is no longer in the outcome then. False: that was all.
    bool acknowledge_with(CommandPtr const& command) {
        auto& outcome = command->outcome;
        auto& message = outcome.reply.message;
        bool const first = !command->ack->sent();
        switch (command->address.kind) {
            case Address::Kind::command:
                if (message && first && (*command->ack)(slack::ephemeral_json(*message))) message.reset();
                break;
            case Address::Kind::view: {
                auto const answer = view_answer(outcome, std::get<slack::ViewSubmission>(command->envelope.payload));
                if (first && answer.payload.size() > view_payload_max && !answer.says_all) {
                    // Too long for an ack: something keeps the place until the view comes by itself.
                    acknowledge(command, slack::view_update_json(word_modal("One moment", "It will be here in a moment.")));
                } else if (first && (*command->ack)(answer.payload)) {
                    outcome.open_modal.reset();
                    outcome.replace_modal.reset();
                    if (answer.says_all) return false;
                } else if (outcome.reply.after_form) {
                    message = std::move(outcome.reply.after_form);
                } else if (!message && !outcome.reply.view_errors.empty()) {
                    message = errors_as_message(outcome.reply.view_errors);
                }
                break;
            }
            case Address::Kind::event:
                acknowledge(command);
                return false;
            case Address::Kind::action:
            case Address::Kind::shortcut:
            case Address::Kind::mention:
                break;
        }
        acknowledge(command);
        return true;
    }

    void say(CommandPtr const& command) {
        auto& outcome = command->outcome;
        auto& message = outcome.reply.message;
        auto const& address = command->address;
        auto& modal = outcome.open_modal ? outcome.open_modal : outcome.replace_modal;
        switch (address.kind) {
            case Address::Kind::action:
                if (address.place == Address::Place::modal) return say_in_modal(command);
                if (address.place == Address::Place::home && !modal) return say_at_home(command);
                break;
            case Address::Kind::view:
                if (command->guarded || modal) return say_after_form(command);
                break;
            case Address::Kind::mention:
                if (modal) return tell(command, offer_form(std::get<slack::AppMention>(command->envelope.payload).text));
                break;
            case Address::Kind::command:
            case Address::Kind::shortcut:
            case Address::Kind::event:
                break;
        }
        if (modal)
            open(command, std::move(*modal), std::move(message));
        else if (message)
            tell(command, std::move(*message));
    }

    void say_in_modal(CommandPtr const& command) {
        auto& outcome = command->outcome;
        auto& message = outcome.reply.message;
        if (outcome.open_modal) {
            follow_up("views.push", push_modal(web, command->address, std::move(*outcome.open_modal)));
        } else if (outcome.replace_modal) {
            follow_up("views.update", update_modal(web, command->address, std::move(*outcome.replace_modal), {}));
        } else if (message) {
            auto modal = as_modal(*message, outcome.refused);
            follow_up("views.update", update_modal(web, command->address, std::move(modal), std::move(message)));
        } else {
            follow_up("views.update", update_modal(web, command->address, word_modal("Done", "Done."), {}));
        }
    }

    // A Home cannot show a word to one press: a small modal does. The trigger is over once the guard has spoken.
    void say_at_home(CommandPtr const& command) {
        auto& message = command->outcome.reply.message;
        if (!message) return;
        if (command->guarded) return tell(command, std::move(*message));
        auto modal = as_modal(*message, command->outcome.refused);
        follow_up("views.open", open_modal(web, command->address, std::move(modal), {}));
    }

    // Words keep the form's place: now it shows how it ended.
    void say_after_form(CommandPtr const& command) {
        auto& outcome = command->outcome;
        auto& message = outcome.reply.message;
        bool const refused = outcome.refused;
        auto& next = outcome.open_modal ? outcome.open_modal : outcome.replace_modal;
        auto modal = next ? std::move(*next) : refused && message ? as_modal(*message, true) : word_modal("Done", "Done.");
        auto if_gone = refused ? message : std::nullopt;
        follow_up("views.update", update_modal(web, command->address, std::move(modal), std::move(if_gone)));
        if (!refused && message) tell(command, std::move(*message));
    }

    void failed(CommandPtr const& command, std::string const& why, End end) {
        if (end == End::failed)
            log::error("command_failed", {{"trace", command->envelope.key}, {"error", why}});
        else
            log::debug("command_not_taken", {{"trace", command->envelope.key}, {"error", why}});
        if (comes_again(command->address)) {
            finish(command, end);  // no ack
            return;
        }
        ask_to_try_again(command, try_again_text);
        finish(command, end);
    }

    // Slack does not say for now who acts, and nobody is taken for what they may not be: nothing is done. What Slack sends again
    // comes again; a mention does not, since its author can say it again and is told so.
    void not_told(CommandPtr const& command, std::string const& why, End end) {
        log::warning_seldom("not_told", "person_not_told", {{"user", command->address.user.value}, {"error", why}});
        if (command->address.kind == Address::Kind::event) {
            if (auto const* opened = std::get_if<slack::AppHomeOpened>(&command->envelope.payload);
                opened && opened->tab == "home" && !homes.shows(opened->user))
                homes.show(opened->user, command->address.workspace, home_of_nobody(opened->private_metadata));
            finish(command, end);  // no ack
            return;
        }
        ask_to_try_again(command, not_told_text);
        finish(command, end);
    }

    // In the place of what Slack shows of old; built anew as soon as it is known for whom.
    static slack::blocks::Home home_of_nobody(std::string const& private_metadata) {
        slack::blocks::Home home{.private_metadata = private_metadata};
        home += slack::blocks::section(slack::blocks::mrkdwn("{}", not_told_text));
        return home;
    }

    void ask_to_try_again(CommandPtr const& command, std::string_view sentence) {
        auto& outcome = command->outcome;
        outcome = Outcome{};
        outcome.refused = true;
        auto message = plain_message(sentence);
        if (auto const* view = std::get_if<slack::ViewSubmission>(&command->envelope.payload);
            view && !view->state.values.empty()) {
            // The form stays open with what was typed; pressing the button again is the second try.
            outcome.reply.view_errors.emplace_back(view->state.values.begin()->first, std::string{sentence});
        } else if (command->address.place == Address::Place::modal && !command->guarded) {
            outcome.open_modal = as_modal(message, true);  // on top of what was typed
        } else {
            outcome.reply.message = std::move(message);
        }
        if (acknowledge_with(command)) say(command);
    }

    void open(CommandPtr const& command, slack::blocks::Modal modal, std::optional<slack::blocks::Message> message) {
        if (!command->address.trigger_id.empty())
            return follow_up("views.open", open_modal(web, command->address, std::move(modal), std::move(message)));
        log::error("modal_without_trigger", {{"trace", command->envelope.key}});
        if (message) tell(command, std::move(*message));
    }

    void tell(CommandPtr const& command, slack::blocks::Message message) {
        follow_up("reply", tell_person(web, command->address, std::move(message)));
    }

    void follow_up(std::string name, asio::awaitable<void> task) {
        if (tasks.running() >= follow_ups_max) {
            replies_dropped.add();
            return;
        }
        tasks.spawn(std::move(name), std::move(task));
    }

    void finish(CommandPtr const& command, End end) {
        (command->guarded ? late : running).erase(command->place);
        count(command->address.kind, end);
    }
    [[nodiscard]] bool idle() const { return running.empty() && late.empty(); }

    // --- the guard --------------------------------------------------------------------------------------------------

    // One timer for all: commands wait in the order they came and all wait equally long.
    void arm_guard() {
        guard_timer = clock.call_at(running.front()->guard_at, [weak = weak_from_this()] {
            if (auto self = weak.lock()) self->guard();
        });
    }

    void guard() {
        guard_timer.reset();
        while (!running.empty() && running.front()->guard_at <= clock.now()) {
            auto command = running.front();
            command->guarded = true;
            late.splice(late.end(), running, command->place);
            if (!comes_again(command->address)) still_working(command);
        }
        if (!running.empty()) arm_guard();
    }

    void still_working(CommandPtr const& command) {
        guards.add();
        switch (command->address.kind) {
            case Address::Kind::command:
                if (!(*command->ack)(slack::ephemeral_json(plain_message(still_working_text))))
                    tell(command, plain_message(still_working_text));
                break;
            case Address::Kind::view:
                (*command->ack)(slack::view_update_json(word_modal("Still working", still_working_text)));
                break;
            case Address::Kind::action:
            case Address::Kind::shortcut:
                acknowledge(command);
                if (command->address.place == Address::Place::modal)
                    follow_up("views.update",
                              update_modal(web, command->address, word_modal("Still working", still_working_text), {}));
                else
                    tell(command, plain_message(still_working_text));
                break;
            case Address::Kind::mention:
            case Address::Kind::event:
                break;
        }
    }
};

Dispatcher::Dispatcher(asio::any_io_executor executor, Clock& clock, handlers::Router const& router, Store& store,
                       Directory& directory, Homes& homes, WebClient& web, Metrics& metrics, std::shared_ptr<Config const> config)
    : impl_(
          std::make_shared<Impl>(std::move(executor), clock, router, store, directory, homes, web, metrics, std::move(config))) {}

Dispatcher::~Dispatcher() {
    if (impl_->guard_timer) impl_->clock.cancel(*impl_->guard_timer);
}

void Dispatcher::deliver(slack::Envelope envelope, std::shared_ptr<Ack> ack) {
    impl_->deliver(std::move(envelope), std::move(ack));
}

bool Dispatcher::quiet() const { return impl_->idle() && impl_->tasks.running() == 0; }

asio::awaitable<void> Dispatcher::stop(std::chrono::steady_clock::duration limit) {
    auto const self = impl_;
    self->stopping = true;
    // Commands, and what they still have to say (a word through response_url, a form).
    co_await net::comes_true([&self] { return self->idle() && self->tasks.running() == 0; }, limit);
    self->tasks.cancel();
    co_await self->tasks.wait();
}

}  // namespace esc::run
