// The queue and the App Home as views: rows, pages, what waits for a word, limits.
#include "handlers/views/home.hpp"
#include "handlers/views/more.hpp"
#include "handlers/views/parts.hpp"

#include "tests/support/block_limits.hpp"
#include "tests/unit/handlers/people_and_times.hpp"
#include "tests/unit/handlers/views_data.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace esc;
using namespace std::chrono_literals;
using slack::blocks::Message;
namespace json = boost::json;

namespace {

std::string const card_link = "https://example.slack.com/archives/CTRIAGE/p1763888401000200";
std::vector<std::string> const ours{"<@UANA>", "<@UBO>", "<@UCARL>", "<@UENG>", "<!date^", "<https://example.slack.com/"};

bool has(std::string const& all, std::string_view part) { return all.find(part) != std::string::npos; }
std::string text_of(Message const& message) { return json::serialize(message.blocks_json()); }
std::string text_of(slack::blocks::Home const& home) { return json::serialize(home.json()); }

std::vector<views::QueueRow> rows(std::size_t count) {
    std::vector<views::QueueRow> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back({i % 2 == 0 ? view_test::fresh() : view_test::working(), i % 3 == 0 ? card_link : ""});
        out.back().escalation.id.number = static_cast<std::int64_t>(i) + 1;
    }
    return out;
}

views::QueuePage page(std::vector<views::QueueRow> rows, QueueFilter filter = QueueFilter::open) {
    views::QueuePage page;
    page.query.filter = filter;
    page.query.now = view_test::now();
    page.counts = {.open = 40, .unowned = 20, .at_risk = 3, .breached = 1, .waiting = 2};
    page.rows = std::move(rows);
    return page;
}

std::string row(Escalation const& escalation) { return views::row(escalation, "", view_test::now()); }

constexpr std::array all_filters{QueueFilter::open,    QueueFilter::mine,     QueueFilter::unowned,
                                 QueueFilter::at_risk, QueueFilter::breached, QueueFilter::waiting};

void check_home(slack::blocks::Home const& home, std::vector<std::string> const& allowed_tokens) {
    auto const json = home.json();
    for (auto const& violation : test::check_home(json)) BOOST_ERROR(violation);
    for (auto const& text : test::not_verbatim(json)) BOOST_ERROR("not verbatim: " << text);
    for (auto const& token : test::live_tokens(json)) {
        bool const known = std::any_of(allowed_tokens.begin(), allowed_tokens.end(),
                                       [&](auto const& begin) { return token.starts_with(begin); });
        if (!known || !token.ends_with('>')) BOOST_ERROR("alive: " << token);
    }
}

views::HomePage full_home(std::string const& text) {
    views::HomePage page;
    page.state = {.filter = QueueFilter::mine, .page = 3};
    page.more = true;
    page.now = view_test::now();
    page.counts = {.open = 40, .unowned = 20, .at_risk = 3, .breached = 1, .waiting = 2};
    page.viewer = handler_test::ana;
    for (std::size_t i = 0; i < 40; ++i) {
        auto escalation = view_test::fullest(text);
        if (i % 2 == 0) escalation.owner = {};
        escalation.details.warranted = Warranted{Severity::sev3, {"UANA"}, view_test::now(), {}};
        page.rows.push_back({escalation, card_link});
        page.unowned.push_back({escalation, ""});
        page.approvals.push_back({static_cast<views::Approval::What>(i % 4), {escalation, card_link}});
    }
    return page;
}

rules::By by(Person who, std::string id) {
    who.id = {std::move(id)};
    return {who, view_test::now(), "trace"};
}
bool offers(Escalation const& escalation, rules::By const& by, rules::Verb verb) {
    auto const shown = json::serialize(views::more(escalation, by, card_link).json());
    auto const button = fmt::format("\"action_id\":\"esc.{}\"", rules::to_string(verb));
    bool const listed = shown.find(button) != std::string::npos;
    BOOST_TEST(listed == rules::offered(verb, escalation, by));
    return listed;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(view_queue)

BOOST_AUTO_TEST_CASE(a_row_says_all_that_triage_needs) {
    BOOST_TEST(row(view_test::fresh()) ==
               "*SEV2* · ESC-12 · Checkout fails for all users\nOwner 5m left · No owner · Account: acme · New");
    BOOST_TEST(row(view_test::working()) ==
               "*SEV2* · ESC-12 · Checkout fails for all users\nFirst response 50m left · 🔒 <@UANA> · Account: acme");
    BOOST_TEST(views::row(view_test::working(), card_link, view_test::now()).starts_with("*SEV2* · <" + card_link + "|ESC-12>"));
    auto covered = view_test::working();
    covered.details.coverage = Coverage{{"UCARL"}, {"UANA"}, view_test::now() - 1h, view_test::now() + 1h};
    BOOST_TEST(has(row(covered), "🔒 <@UANA>, <@UCARL> acts until"));
    auto late = view_test::working();
    late.clocks.front().due = view_test::now() - 4min;
    BOOST_TEST(has(row(late), "🔴 First response 4m over"));
}

BOOST_AUTO_TEST_CASE(a_row_without_a_running_clock_tells_the_paused_one) {
    auto waits = view_test::waiting(State::waiting_customer);
    BOOST_TEST(has(row(waits), "First response 50m left"));
    waits.clocks.erase(waits.clocks.begin());
    BOOST_TEST(has(row(waits), "⏸ Resolution 7h 54m left"));
    BOOST_TEST(has(row(waits), "Waiting on the customer"));
    waits.clocks.clear();
    BOOST_TEST(has(row(waits), "No clock is running"));
}

BOOST_AUTO_TEST_CASE(pages_are_turned_by_buttons_that_carry_the_question) {
    auto shown = page(rows(15));
    BOOST_TEST(!has(text_of(views::queue(shown)), "esc.queue"));
    BOOST_TEST(!has(text_of(views::queue(shown)), "page 1"));
    shown.more = true;
    BOOST_TEST(has(text_of(views::queue(shown)), "\"value\":\"all 2\""));
    BOOST_TEST(!has(text_of(views::queue(shown)), "Previous"));
    shown.page = 2;
    BOOST_TEST(has(text_of(views::queue(shown)), "\"value\":\"all 1\""));
    BOOST_TEST(has(text_of(views::queue(shown)), "\"value\":\"all 3\""));
    BOOST_TEST(has(text_of(views::queue(shown)), "page 2 · as of <!date^"));
    view_test::check_message(views::queue(shown), ours);
}

BOOST_AUTO_TEST_CASE(the_heading_says_what_was_asked_for) {
    auto shown = page(rows(1), QueueFilter::at_risk);
    shown.query.severity = Severity::sev1;
    shown.query.account = "<!channel>";
    shown.query.team = "support";
    auto const text = text_of(views::queue(shown));
    BOOST_TEST(has(text, "*Queue: at risk · SEV1 · Account: &lt;!channel&gt; · team support*"));
    BOOST_TEST(has(text, "40 open · 3 at risk · 1 breached · 20 unowned · 2 waiting"));
}

BOOST_AUTO_TEST_CASE(who_asked_for_a_page_beyond_the_last_is_told_which_one_is_shown) {
    auto shown = page(rows(2));
    BOOST_TEST(!has(text_of(views::queue(shown)), "There is no page"));
    shown.beyond = 9;
    BOOST_TEST(has(text_of(views::queue(shown)), "There is no page 9. There is only one."));
    shown.page = 3;
    BOOST_TEST(has(text_of(views::queue(shown)), "There is no page 9. Page 3 is the last."));
    view_test::check_message(views::queue(shown), ours);
}

BOOST_AUTO_TEST_CASE(an_empty_queue_helps) {
    for (auto const filter : all_filters) {
        auto const message = views::queue(page({}, filter));
        BOOST_TEST(has(text_of(message), views::nothing_here(filter)));
        view_test::check_message(message, {"<!date^"});
    }
    auto narrowed = page({});
    narrowed.query.severity = Severity::sev1;
    BOOST_TEST(has(text_of(views::queue(narrowed)), "Nothing in the queue fits all of that"));
    narrowed.beyond = 9;
    BOOST_TEST(!has(text_of(views::queue(narrowed)), "There is no page"));  // nothing at all says more
}

BOOST_AUTO_TEST_CASE(hostile_text_in_the_queue_stays_text) {
    for (auto const& text : view_test::hostile_texts()) {
        auto shown = page({});
        shown.rows.assign(15, {view_test::fullest(text), text});
        shown.query.account = text;
        shown.query.team = text;
        shown.page = 2;
        shown.more = true;
        view_test::check_message(views::queue(shown), ours);
        check_home(views::home(full_home(text)), ours);
        for (auto const& who : {handler_test::raiser, handler_test::ana, handler_test::max})
            view_test::check_form(views::more(view_test::fullest(text), by(who, "UANA"), text), ours);
    }
}

BOOST_AUTO_TEST_CASE(a_home_row_is_claimed_or_opened) {
    views::HomePage page;
    page.now = view_test::now();
    page.rows = rows(2);
    BOOST_TEST(!has(text_of(views::home(page)), "esc.claim"));
    page.viewer = handler_test::ana;
    auto const text = text_of(views::home(page));
    BOOST_TEST(has(text, "\"action_id\":\"esc.claim\""));
    BOOST_TEST(has(text, "\"action_id\":\"esc.more\",\"text\":{\"type\":\"plain_text\",\"text\":\"Open\""));
    check_home(views::home(page), ours);
}

BOOST_AUTO_TEST_CASE(home_keeps_filter_and_page) {
    views::HomePage page;
    page.now = view_test::now();
    page.state = {.filter = QueueFilter::at_risk, .page = 2};
    page.more = true;
    auto const home = views::home(page);
    BOOST_TEST(home.private_metadata == R"({"filter":"at-risk","page":2})");
    auto const text = text_of(home);
    BOOST_TEST(has(text, "\"initial_option\":{\"text\":{\"type\":\"plain_text\",\"text\":\"At risk\""));
    BOOST_TEST(has(text, "esc.home.page.previous"));
    BOOST_TEST(has(text, "\"value\":\"3\""));
    BOOST_TEST(has(text, "\"page 2\""));  // nobody counted
    page.listed = 41;
    BOOST_TEST(has(text_of(views::home(page)), "\"page 2 of 3\""));
    for (auto const filter : all_filters) {
        BOOST_TEST((views::parse_filter_name(views::filter_name(filter)) == filter));
        page.state = {.filter = filter, .page = 1};
        BOOST_TEST(has(text_of(views::home(page)), views::nothing_here(filter)));
    }
    BOOST_TEST(!views::parse_filter_name("nonsense").has_value());
}

BOOST_AUTO_TEST_CASE(approvals_say_what_is_asked_and_offer_the_word) {
    auto escalation = view_test::working();
    escalation.severity = Severity::sev1;
    escalation.details.transfer =
        TransferRequest{{"UANA"}, {"UBO"}, "My shift ends", view_test::now(), {}, view_test::now() + 24h};
    escalation.details.severity_request = SeverityRequest{{"UBO"}, Severity::sev1, "other", "All users", view_test::now()};
    escalation.details.unconfirmed_since = view_test::now();
    views::HomePage page;
    page.now = view_test::now();
    auto const text = [&](views::Approval::What what) {
        page.approvals = {{what, {escalation, card_link}}};
        return text_of(views::home(page));
    };
    using What = views::Approval::What;
    for (auto const* part :
         {"Waiting for your word", "<@UANA> asks for a transfer to <@UBO>", "My shift ends", "esc.approve", "esc.deny"})
        BOOST_TEST(has(text(What::transfer), part), part);
    BOOST_TEST(has(text(What::severity), "<@UBO> asks for SEV1: All users"));
    BOOST_TEST(has(text(What::unconfirmed), "Runs as SEV1 since <!date^"));
    BOOST_TEST(has(text(What::unconfirmed), "Confirm SEV1"));
    BOOST_TEST(!has(text(What::unconfirmed), "esc.deny"));
    escalation.details.warranted = Warranted{Severity::sev3, {"UBO"}, view_test::now(), {}};
    for (auto const* part : {"*SEV3 was warranted*, says <@UBO>", "esc.approve", "\"action_id\":\"esc.grade\""})
        BOOST_TEST(has(text(What::warranted), part), part);
    BOOST_TEST(!has(text(What::warranted), "esc.deny"));
    // What was not looked at may hold more.
    BOOST_TEST(!has(text_of(views::home(page)), "perhaps more"));
    page.more_approvals = true;
    BOOST_TEST(has(text_of(views::home(page)), "\"and perhaps more\""));
    page.approvals.assign(13, page.approvals.front());
    BOOST_TEST(has(text_of(views::home(page)), "\"and at least 3 more\""));
    page.more_approvals = false;
    BOOST_TEST(has(text_of(views::home(page)), "\"and 3 more\""));
    page.approvals.clear();
    BOOST_TEST(!has(text_of(views::home(page)), "Waiting for your word"));
}

BOOST_AUTO_TEST_CASE(the_fullest_home_keeps_within_the_limits) {
    for (auto const& text : {std::string{"short"}, std::string(8000, 'x')}) {
        auto const home = views::home(full_home(text));
        check_home(home, ours);
        BOOST_TEST(home.blocks.size() <= 100U);
        BOOST_TEST(has(text_of(home), "and 30 more"));
    }
    check_home(views::home_of_requester(default_config(), full_home(std::string(8000, 'x'))), ours);
    check_home(views::home_of_outsider(), {});
}

BOOST_AUTO_TEST_CASE(more_lists_what_this_person_may_do_now) {
    using rules::Verb;
    auto const agent = by(handler_test::ben, "UBEN");
    auto const owner = by(handler_test::ana, "UANA");
    auto const lead = by(handler_test::lea, "ULEA");
    auto const manager = by(handler_test::max, "UMAX");
    auto const raiser = by(handler_test::raiser, "UBO");
    struct Row {
        Escalation escalation;
        rules::By by;
        Verb verb;
        bool offered;
    };
    auto asked = view_test::working();
    asked.details.transfer = TransferRequest{{"UANA"}, {}, "x", view_test::now(), {}, view_test::now() + 24h};
    auto unconfirmed = view_test::working();
    unconfirmed.details.unconfirmed_since = view_test::now();
    auto just_raised = view_test::fresh();
    just_raised.created_at = view_test::now();
    auto engineering = view_test::waiting(State::waiting_engineering);
    auto accepted = engineering;
    accepted.details.waiting->engineer_accepted_at = view_test::now();
    auto warned = view_test::working();
    warned.clocks.front().points_fired = 1;
    auto answered = view_test::working();
    answered.clocks.erase(answered.clocks.begin());
    auto window_over = view_test::resolved();
    window_over.details.close_at = view_test::now();
    auto unmergeable = view_test::merged();
    unmergeable.details.merge->at = view_test::now() - rules::unmerge_window;
    auto covered = view_test::working();
    covered.details.coverage = Coverage{{"UCARL"}, {"UANA"}, view_test::now() - 1h, view_test::now() + 1h};
    auto grave = covered;
    grave.severity = Severity::sev1;
    auto minor = view_test::working();
    minor.severity = Severity::sev3;
    auto anybody = view_test::waiting(State::waiting_engineering);
    anybody.details.waiting->engineer = {};
    anybody.details.waiting->engineer_accepted_at.reset();
    auto warranted = view_test::resolved();
    warranted.details.warranted = Warranted{Severity::sev3, {"UANA"}, view_test::now(), {}};
    Row const table[] = {
        {warranted, lead, Verb::grade, true},
        {warranted, lead, Verb::approve, true},
        {warranted, owner, Verb::grade, false},
        {view_test::resolved(), lead, Verb::grade, false},
        {view_test::resolved(), lead, Verb::approve, false},
        {view_test::fresh(), agent, Verb::claim, true},
        {view_test::working(), agent, Verb::claim, false},
        {view_test::fresh(), raiser, Verb::claim, false},
        {view_test::fresh(), lead, Verb::assign, true},
        {view_test::working(), lead, Verb::assign, false},
        {view_test::assigned(), owner, Verb::accept, true},
        {view_test::working(), owner, Verb::accept, false},
        {engineering, by(handler_test::raiser, "UENG"), Verb::accept, true},
        {engineering, by(handler_test::raiser, "UOTHER"), Verb::accept, false},
        {accepted, by(handler_test::raiser, "UENG"), Verb::accept, false},
        {view_test::working(), manager, Verb::approve, false},
        {asked, manager, Verb::approve, true},
        {asked, manager, Verb::deny, true},
        {asked, lead, Verb::approve, false},
        {unconfirmed, lead, Verb::approve, true},
        {unconfirmed, lead, Verb::deny, false},
        {unconfirmed, agent, Verb::approve, false},
        {view_test::working(), owner, Verb::transfer, true},
        {view_test::working(), manager, Verb::transfer, false},
        {view_test::working(), manager, Verb::override_owner, true},
        {view_test::working(), agent, Verb::override_owner, false},
        {view_test::working(), owner, Verb::replied, true},
        {answered, owner, Verb::replied, false},
        {view_test::working(), owner, Verb::acknowledge, false},
        {warned, owner, Verb::acknowledge, true},
        {just_raised, raiser, Verb::undo, true},
        {view_test::fresh(), raiser, Verb::undo, false},
        {just_raised, agent, Verb::undo, false},
        {view_test::resolved(), owner, Verb::reopen, true},
        {window_over, owner, Verb::reopen, false},
        {view_test::merged(), lead, Verb::unmerge, true},
        {unmergeable, lead, Verb::unmerge, false},
        {view_test::working(), owner, Verb::wait, true},
        {view_test::working(), lead, Verb::wait, true},  // SEV2: for a vendor it is the lead who does it
        {minor, lead, Verb::wait, false},
        {view_test::working(), owner, Verb::resume, false},
        {covered, by(handler_test::ana, "UCARL"), Verb::cover, true},
        {covered, by(handler_test::ana, "UCARL"), Verb::resolve, true},
        {grave, by(handler_test::ana, "UCARL"), Verb::resolve, true},  // what is said there is asked of others
        {anybody, owner, Verb::accept, false},                         // engineering accepts, and not for its owner
        {view_test::mitigated(), owner, Verb::resume, true},
        {view_test::working(), raiser, Verb::show, true},
        {view_test::working(), raiser, Verb::history, true},
        {view_test::working(), by(handler_test::outsider, "UOUT"), Verb::show, false},
    };
    for (auto const& one : table)
        BOOST_TEST(offers(one.escalation, one.by, one.verb) == one.offered,
                   rules::to_string(one.verb) << " for " << one.by.actor.id.value << " in " << to_string(one.escalation.state));
}

BOOST_AUTO_TEST_CASE(more_and_show_offer_the_same_in_every_state_to_everybody) {
    for (auto state = State::fresh; state <= State::merged; state = static_cast<State>(static_cast<int>(state) + 1))
        for (auto const& who : {handler_test::outsider, handler_test::raiser, handler_test::ana, handler_test::lea,
                                handler_test::max, handler_test::adm}) {
            auto escalation = view_test::fullest("text");
            escalation.state = state;
            auto const all = rules::offered(escalation, by(who, "UANA"));
            for (auto const verb : rules::all_verbs)
                BOOST_TEST(offers(escalation, by(who, "UANA"), verb) == (std::find(all.begin(), all.end(), verb) != all.end()));
            view_test::check_form(views::more(escalation, by(who, "UANA"), card_link), ours);
        }
}

BOOST_AUTO_TEST_CASE(more_says_who_may_do_the_rest) {
    auto const shown = json::serialize(views::more(view_test::fresh(), by(handler_test::ana, "UANA"), "").json());
    BOOST_TEST(has(shown, "*Claim*\\nTake it"));
    BOOST_TEST(!has(shown, "esc.assign"));
    BOOST_TEST(has(shown, "Others may do more:\\nLeads and managers: Assign, Decline"));
    auto const raiser = json::serialize(views::more(view_test::fresh(), by(handler_test::raiser, "UX"), "").json());
    BOOST_TEST(has(raiser, "Agents, leads and managers: Claim, Severity, Helpers"));
    // Whoever reads it finds who may as the refusal says it, without its sentence.
    for (auto const& line : views::for_others(view_test::working(), by(handler_test::bystander, "UX"))) {
        BOOST_TEST(line.find(" can ") == std::string::npos, line);
        BOOST_TEST(line.find(",:") == std::string::npos, line);
    }
}

BOOST_AUTO_TEST_CASE(what_one_owns_and_covers_is_counted_behind_the_heading) {
    BOOST_TEST(views::load_words({}) == "");
    BOOST_TEST(views::load_words({.owns = 2}) == " · 2 owned");
    BOOST_TEST(views::load_words({.covers = 1}) == " · 1 covered");
    auto mine = page({}, QueueFilter::mine);
    mine.load = {.owns = 2, .covers = 1};
    BOOST_TEST(views::queue(mine).text.starts_with("My queue · 2 owned · 1 covered: "));
}

BOOST_AUTO_TEST_CASE(golden_lists) {
    auto late = view_test::working();
    late.clocks.front().due = view_test::now() - 4min;
    auto queue = page({{late, card_link}, {view_test::fresh(), ""}, {view_test::waiting(State::waiting_vendor), card_link}});
    queue.page = 2;
    queue.more = true;
    view_test::check_golden("queue", view_test::as_json(views::queue(queue)));
    view_test::check_golden("queue_empty", view_test::as_json(views::queue(page({}, QueueFilter::mine))));
    auto longest = page({});
    longest.rows.assign(15, {view_test::fullest(std::string(4000, 'x')), card_link});
    longest.query.account = std::string(4000, 'x');
    longest.page = 1000;
    longest.more = true;
    view_test::check_golden("max_queue", view_test::as_json(views::queue(longest)));
    views::HomePage home;
    home.now = view_test::now();
    home.counts = queue.counts;
    home.rows = queue.rows;
    home.more = true;
    home.viewer = handler_test::ana;
    auto asked = view_test::working();
    asked.details.transfer = TransferRequest{{"UANA"}, {"UBO"}, "My shift ends", view_test::now(), {}, view_test::now() + 24h};
    home.approvals = {{views::Approval::What::transfer, {asked, card_link}}};
    view_test::check_golden("home", views::home(home).json());
    view_test::check_golden("max_home", views::home(full_home(std::string(4000, 'x'))).json());
    view_test::check_golden("home_requester", views::home_of_requester(default_config(), {.now = view_test::now()}).json());
    auto mine = home;
    mine.state.filter = QueueFilter::mine;
    mine.load = {.owns = 2, .covers = 1};
    mine.approvals.clear();
    mine.rows[0].escalation.details.coverage = Coverage{{"UCARL"}, {"UANA"}, view_test::now() - 1h, view_test::now() + 1h};
    view_test::check_golden("home_mine", views::home(mine).json());
    view_test::check_golden("home_requester_raised", views::home_of_requester(default_config(), mine).json());
    view_test::check_golden("home_outsider", views::home_of_outsider().json());
    view_test::check_golden("modal_more_owner",
                            views::more(view_test::working(), by(handler_test::ana, "UANA"), card_link).json());
    view_test::check_golden("modal_more_manager", views::more(asked, by(handler_test::max, "UMAX"), card_link).json());
    auto everything = by(handler_test::max, "UANA");
    everything.actor.admin = true;
    view_test::check_golden("max_modal_more",
                            views::more(view_test::fullest(std::string(4000, 'x')), everything, card_link).json());
}

BOOST_AUTO_TEST_SUITE_END()
