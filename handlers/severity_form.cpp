#include "handlers/severity_form.hpp"

#include "handlers/answers.hpp"

namespace esc::handlers {

bool has_severity(slack::ViewState const& state) {
    auto const chosen = state.get(views::severity_block);
    return chosen == views::as_computed || parse_severity(chosen).has_value();
}

views::SeverityForm severity_form(slack::ViewState const& state) {
    views::SeverityForm form;
    for (auto const& question : views::severity_questions) views::answer(form.answers, question.block, state.get(question.block));
    form.level = parse_severity(state.get(views::severity_block));
    form.code = state.get(views::severity_code_block);
    form.reason = state.get(views::severity_reason_block);
    return form;
}

rules::SeverityChoice severity_choice(slack::ViewState const& state) {
    auto const form = severity_form(state);
    rules::SeverityChoice choice{form.level, form.answers, form.code, std::string{trimmed(form.reason)}};
    if (choice.code.empty()) choice.code = "other";
    return choice;
}

}  // namespace esc::handlers
