#include "handlers/views/ownership.hpp"

#include "handlers/rules/ownership.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/parts.hpp"

#include <algorithm>
#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t list_max = 100;  // options of a select
constexpr std::size_t name_max = 30;   // leaves room for the rest of an option's 75 characters

std::string described(Candidate const& candidate) {
    auto const name = blocks::cut(blocks::one_line(candidate.person.name), name_max);
    auto text = fmt::format("{} · {} open", name.empty() ? candidate.person.id.value : name, candidate.open);
    if (!candidate.person.timezone.empty()) text += " · " + candidate.person.timezone;
    if (candidate.away) text += " · away";
    return text;
}

blocks::Element people_select(std::string_view block, std::vector<Candidate> const& candidates, PersonId const& chosen) {
    if (candidates.empty() || candidates.size() > list_max) return blocks::users_select(block, "Pick a person", chosen);
    blocks::Choice choice{.action_id = std::string{block}, .placeholder = "Pick a person"};
    for (auto const& candidate : candidates) {
        choice.options.push_back({.text = described(candidate), .value = candidate.person.id.value});
        if (candidate.person.id == chosen) choice.initial_value = chosen.value;
    }
    return blocks::static_select(choice);
}

blocks::InputBlock person_input(std::string_view block, std::string_view label, std::string_view hint,
                                std::vector<Candidate> const& candidates, PersonId const& chosen = {}, bool optional = false) {
    return blocks::input({.block_id = std::string{block},
                          .label = std::string{label},
                          .element = people_select(block, candidates, chosen),
                          .hint = std::string{hint},
                          .optional = optional});
}

blocks::InputBlock text_input(std::string_view label, std::string_view hint, std::string const& text = {}) {
    return blocks::input({.block_id = std::string{text_block},
                          .label = std::string{label},
                          .element = blocks::plain_text_input({.action_id = std::string{text_block},
                                                               .initial_value = text,
                                                               .multiline = true,
                                                               .max_length = static_cast<int>(rules::work_text_limit)}),
                          .hint = std::string{hint}});
}

// Who was named before the form, and is none of those who can be chosen.
void add_unfit(blocks::Modal& modal, std::vector<Candidate> const& candidates, PersonId const& named) {
    if (named.empty() || candidates.empty() || candidates.size() > list_max) return;
    bool const listed = std::any_of(candidates.begin(), candidates.end(),
                                    [&](Candidate const& candidate) { return candidate.person.id == named; });
    if (listed) return;
    modal += blocks::section(blocks::mrkdwn(
        "⚠ You named {}, who cannot be chosen: it must be an active agent, lead or manager who does not own it yet.",
        blocks::person(named)));
}

blocks::InputBlock tick(std::string_view block, std::string_view label, std::string_view text, bool optional,
                        bool ticked = false) {
    return blocks::input({.block_id = std::string{block},
                          .label = std::string{label},
                          .element = blocks::checkboxes({.action_id = std::string{block},
                                                         .options = {{.text = std::string{text}, .value = "yes"}},
                                                         .initial_value = ticked ? "yes" : ""}),
                          .optional = optional});
}

void add_owner(blocks::Modal& modal, Escalation const& escalation) {
    modal += blocks::section(blocks::mrkdwn_text("Owner now: " + owner(escalation)));
}

void add_transfer(blocks::Modal& modal, TransferRequest const& transfer) {
    auto const said = sentence({transfer.to.empty() ? "{0} asks for another owner." : "{0} asks for a transfer to {1}.",
                                {transfer.by, transfer.to},
                                transfer.reason});
    modal += blocks::section(blocks::mrkdwn_text(said));
}

void add_severity(blocks::Modal& modal, Escalation const& escalation) {
    auto const& request = escalation.details.severity_request;
    auto const said =
        request
            ? sentence({fmt::format("{{0}} asks for {} instead of {}.", to_string(request->to), to_string(escalation.severity)),
                        {request->by},
                        request->reason})
            : fmt::format("Nobody has confirmed {} yet.", to_string(escalation.severity));
    modal += blocks::section(blocks::mrkdwn_text(said));
}

// What waits, and which of several is meant.
void add_requests(blocks::Modal& modal, Escalation const& escalation, bool severity,
                  std::optional<rules::ResolveRequest> const& asked = {}) {
    auto const& transfer = escalation.details.transfer;
    std::vector<blocks::Option> options;
    if (transfer) {
        add_transfer(modal, *transfer);
        options.push_back({.text = "The transfer", .value = "transfer"});
    }
    if (severity) {
        add_severity(modal, escalation);
        options.push_back({.text = "The severity", .value = "severity"});
    }
    if (asked) {
        modal += blocks::section(blocks::mrkdwn_text(
            sentence({"{0}, who acts for {1}, says that it is solved.", {asked->asked_by, escalation.owner}, asked->text})));
        options.push_back({.text = "That it is solved", .value = "resolve"});
    }
    if (options.size() > 1)
        modal += blocks::input(
            {.block_id = std::string{which_block},
             .label = "Which one?",
             .element = blocks::radio_buttons({.action_id = std::string{which_block}, .options = std::move(options)})});
}

}  // namespace

blocks::Modal assign_modal(Escalation const& escalation, std::vector<Candidate> const& candidates) {
    auto modal = on_existing(escalation, rules::Verb::assign, "Assign");
    modal += person_input(owner_block, "Who owns it?",
                          "It is locked to this person until it is resolved. They are told and asked to accept.", candidates);
    return modal;
}

blocks::Modal transfer_modal(Escalation const& escalation, std::vector<Candidate> const& candidates, Prefill const& prefill) {
    auto modal = on_existing(escalation, rules::Verb::transfer, "Ask");
    modal.title = fmt::format("Transfer {}", escalation.id);
    add_unfit(modal, candidates, prefill.person);
    modal += person_input(owner_block, "To whom?", "Leave it empty and the managers choose.", candidates, prefill.person, true);
    modal += text_input("Why?", "Managers decide by it. Until then it stays yours.", prefill.text);
    return modal;
}

blocks::Modal override_modal(Escalation const& escalation, std::vector<Candidate> const& candidates, Prefill const& prefill,
                             bool manager) {
    auto modal = on_existing(escalation, rules::Verb::override_owner, "Reassign");
    add_owner(modal, escalation);
    if (auto const& transfer = escalation.details.transfer) add_transfer(modal, *transfer);
    add_unfit(modal, candidates, prefill.person);
    modal += person_input(owner_block, "New owner", "At once, and locked. Both are told; the new one is asked to accept.",
                          candidates, prefill.person);
    blocks::Choice codes{.action_id = std::string{code_block}, .initial_value = prefill.code.empty() ? "other" : prefill.code};
    for (auto const& reason : rules::owner_reasons)
        codes.options.push_back({.text = std::string{reason.label}, .value = std::string{reason.code}});
    modal += blocks::input({.block_id = std::string{code_block}, .label = "Reason", .element = blocks::static_select(codes)});
    modal +=
        text_input("Why?", fmt::format("At least {} characters. Both owners and the audit read it.", rules::override_text_min),
                   prefill.text);
    if (!manager)
        modal += tick(glass_block, "Only managers move an owner", "No manager can be reached: break the glass. They are told.",
                      false, prefill.glass);
    return modal;
}

blocks::Modal approve_modal(Escalation const& escalation, std::vector<Candidate> const& candidates) {
    auto modal = on_existing(escalation, rules::Verb::approve, "Approve");
    add_requests(modal, escalation, rules::severity_waits(escalation));
    if (auto const& transfer = escalation.details.transfer)
        modal += person_input(owner_block, "New owner", "Locked to this person, who is asked to accept.", candidates,
                              transfer->to, rules::severity_waits(escalation));
    return modal;
}

blocks::Modal deny_modal(Escalation const& escalation, std::optional<rules::ResolveRequest> const& asked) {
    auto modal = on_existing(escalation, rules::Verb::deny, "Deny");
    add_requests(modal, escalation, escalation.details.severity_request.has_value(), asked);
    modal += text_input("Why not?", "Who asked is told.");
    return modal;
}

blocks::Modal cover_modal(Escalation const& escalation, std::vector<Candidate> const& candidates, Prefill const& prefill,
                          Instant suggested_until, CoverForm form) {
    auto modal = on_existing(escalation, rules::Verb::cover, "Save");
    modal.title = fmt::format("Acting for {}", escalation.id);
    add_owner(modal, escalation);
    auto const& coverage = escalation.details.coverage;
    if (form == CoverForm::hand_back) {
        modal.submit = "Hand back";
        modal += blocks::section(blocks::mrkdwn("You act for its owner until {}.", blocks::date(coverage->until)));
        modal += tick(end_block, "Hand it back now?", "From now on its alerts go to its owner again", false);
        return modal;
    }
    if (coverage) {
        modal +=
            blocks::section(blocks::mrkdwn("{} acts until {}.", blocks::person(coverage->acting), blocks::date(coverage->until)));
        modal += tick(end_block, "End it?", "From now on nobody acts for the owner", true);
    }
    auto const chosen = !prefill.person.empty() ? prefill.person : coverage ? coverage->acting : PersonId{};
    add_unfit(modal, candidates, prefill.person);
    modal += person_input(owner_block, "Who acts meanwhile?",
                          "Alerts go to this person, who may do what the owner may. The owner stays accountable.", candidates,
                          chosen, coverage.has_value());
    modal += blocks::input({.block_id = std::string{until_block},
                            .label = "Until when?",
                            .element = blocks::datetimepicker(until_block, suggested_until),
                            .hint = "At most 14 days. It ends by itself.",
                            .optional = coverage.has_value()});
    return modal;
}

}  // namespace esc::views
