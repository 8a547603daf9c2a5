#include "handlers/rules/tickets.hpp"

#include "bot/base/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace esc::rules {
namespace {

constexpr std::size_t url_max = 2000;
constexpr std::size_t text_max = 12'000;  // bytes in which one may begin: what is longer is a log
constexpr std::size_t digits_max = 18;

using Parts = std::vector<std::string_view>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= digits_max && text.front() != '0' && std::all_of(text.begin(), text.end(), is_digit);
}

// "OPS-12"
bool is_issue_key(std::string_view text) {
    auto const dash = text.rfind('-');
    if (dash == std::string_view::npos || dash < 2 || !is_letter(text.front())) return false;
    auto const project = text.substr(0, dash);
    return is_number(text.substr(dash + 1)) &&
           std::all_of(project.begin(), project.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
}

std::string upper(std::string_view text) {
    std::string out{text};
    for (auto& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

Parts split(std::string_view text, char at) {
    Parts parts;
    for (std::size_t from = 0; from <= text.size();) {
        auto const end = std::min(text.find(at, from), text.size());
        if (end > from) parts.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return parts;
}

// Host, path, query and fragment of a web address.
struct Address {
    std::string host{};  // lower case, with a port that is not the usual one
    Parts path{};
    std::string_view query{};
    Parts fragment{};

    static std::optional<Address> parse(std::string_view url) {
        if (url.size() > url_max) return std::nullopt;
        auto const odd = [](char c) {
            auto const byte = static_cast<unsigned char>(c);
            return byte <= 0x20 || byte >= 0x7F || c == '<' || c == '>' || c == '|' || c == '"' || c == '`' || c == '\\';
        };
        if (std::any_of(url.begin(), url.end(), odd)) return std::nullopt;
        auto const scheme_end = url.find("://");
        if (scheme_end == std::string_view::npos) return std::nullopt;
        auto const scheme = lower(url.substr(0, scheme_end));
        if (scheme != "https" && scheme != "http") return std::nullopt;
        auto rest = url.substr(scheme_end + 3);
        auto const host_end = std::min(rest.find_first_of("/?#"), rest.size());
        Address address;
        address.host = lower(rest.substr(0, host_end));
        for (auto const* usual : {":443", ":80"})
            if (address.host.ends_with(usual)) address.host.resize(address.host.size() - std::string_view{usual}.size());
        if (!is_host(address.host)) return std::nullopt;
        rest.remove_prefix(host_end);
        if (auto const at = rest.find('#'); at != std::string_view::npos) {
            address.fragment = split(rest.substr(at + 1), '/');
            rest = rest.substr(0, at);
        }
        if (auto const at = rest.find('?'); at != std::string_view::npos) {
            address.query = rest.substr(at + 1);
            rest = rest.substr(0, at);
        }
        address.path = split(rest, '/');
        for (auto const part : address.path)
            if (part == "." || part == ".." || part.find('%') != std::string_view::npos) return std::nullopt;
        return address;
    }

    // A name with a dot in it, or one with a port: nobody's "localhost" is a ticket for others.
    static bool is_host(std::string_view host) {
        auto const name = host.substr(0, host.find(':'));
        if (name.size() != host.size() && !is_number(host.substr(name.size() + 1))) return false;
        if (name.empty() || name.front() == '.' || name.back() == '.' || name.find("..") != std::string_view::npos) return false;
        return name.find('.') != std::string_view::npos &&
               std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; });
    }

    [[nodiscard]] bool of(std::string_view domain) const {
        return host == domain || (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
    }
    [[nodiscard]] std::string value(std::string_view name) const {
        for (auto const pair : split(query, '&'))
            if (auto const at = pair.find('='); at != std::string_view::npos && pair.substr(0, at) == name)
                return std::string{pair.substr(at + 1)};
        return {};
    }
    // Where these parts of the path stand one after the other; the path's size when they do not.
    [[nodiscard]] std::size_t find(std::initializer_list<std::string_view> parts) const {
        auto const found = std::search(path.begin(), path.end(), parts.begin(), parts.end());
        return static_cast<std::size_t>(found - path.begin());
    }
    [[nodiscard]] std::string_view at(std::size_t index) const { return index < path.size() ? path[index] : std::string_view{}; }
    // What stands before a part: those who run their own may run it in a folder.
    [[nodiscard]] std::string folder(std::size_t end) const {
        std::string out;
        for (std::size_t index = 0; index < end && index < path.size(); ++index) out += fmt::format("/{}", path[index]);
        return out;
    }
};

using Found = std::optional<std::string>;

Found zendesk(Address const& it) {
    auto id = it.at(0) == "agent" && it.at(1) == "tickets" ? it.at(2) : std::string_view{};
    if (id.empty() && it.path.size() == 3 && it.at(0) == "hc" && it.at(1) == "requests") id = it.at(2);
    if (id.empty() && it.path.size() == 4 && it.at(0) == "hc" && it.at(2) == "requests") id = it.at(3);
    if (it.of("zendesk.com") && it.path.size() == 2 && (it.at(0) == "tickets" || it.at(0) == "requests")) id = it.at(1);
    if (!is_number(id)) return std::nullopt;
    return fmt::format("https://{}/agent/tickets/{}", it.host, id);
}

Found freshdesk(Address const& it) {
    auto id = it.at(0) == "a" && it.at(1) == "tickets" ? it.at(2) : std::string_view{};
    auto const old = it.at(0) == "helpdesk" || it.at(0) == "support";
    if (it.of("freshdesk.com") && old && it.at(1) == "tickets") id = it.at(2);
    if (!is_number(id)) return std::nullopt;
    return fmt::format("https://{}/a/tickets/{}", it.host, id);
}

Found intercom(Address const& it) {
    if (!it.of("intercom.com") || it.at(0) != "a") return std::nullopt;
    auto const app = it.at(1) == "inbox" || it.at(1) == "apps" ? it.at(2) : std::string_view{};
    auto const one = it.find({"conversation"});
    auto const id = it.at((one < it.path.size() ? one : it.find({"conversations"})) + 1);
    if (!is_name(app) || !is_number(id)) return std::nullopt;
    return fmt::format("https://{}/a/inbox/{}/inbox/conversation/{}", it.host, app, id);
}

Found hubspot(Address const& it) {
    if (!it.of("hubspot.com") || !is_number(it.at(1))) return std::nullopt;
    auto id = it.at(0) == "contacts" && it.at(2) == "ticket" ? it.at(3) : std::string_view{};
    if (it.at(0) == "contacts" && it.at(2) == "record" && it.at(3) == "0-5") id = it.at(4);
    if (it.at(0) == "help-desk") id = it.at(it.find({"ticket"}) + 1);
    if (!is_number(id)) return std::nullopt;
    return fmt::format("https://{}/contacts/{}/record/0-5/{}", it.host, it.at(1), id);
}

Found zammad(Address const& it) {
    auto const& place = it.fragment;
    if (place.size() < 3 || place[0] != "ticket" || place[1] != "zoom" || !is_number(place[2])) return std::nullopt;
    return fmt::format("https://{}{}/#ticket/zoom/{}", it.host, it.folder(it.path.size()), place[2]);
}

Found chatwoot(Address const& it) {
    auto const app = it.find({"app", "accounts"});
    auto const account = it.at(app + 2);
    auto const id = it.at(it.find({"conversations"}) + 1);
    if (!is_number(account) || !is_number(id)) return std::nullopt;
    return fmt::format("https://{}{}/app/accounts/{}/conversations/{}", it.host, it.folder(app), account, id);
}

Found request_tracker(Address const& it) {
    if (it.path.size() < 2 || it.path.back() != "Display.html") return std::nullopt;
    auto const before = it.path.size() - 2;
    if (it.at(before) != "Ticket" && it.at(before) != "SelfService") return std::nullopt;
    auto const id = it.value("id");
    if (!is_number(id)) return std::nullopt;
    return fmt::format("https://{}{}/Ticket/Display.html?id={}", it.host, it.folder(before), id);
}

Found jira(Address const& it) {
    auto const browse = it.find({"browse"});
    if (is_issue_key(it.at(browse + 1)) && it.path.size() == browse + 2)
        return fmt::format("https://{}{}/browse/{}", it.host, it.folder(browse), upper(it.at(browse + 1)));
    auto const portal = it.find({"servicedesk", "customer", "portal"});
    if (is_issue_key(it.at(portal + 4)))
        return fmt::format("https://{}{}/browse/{}", it.host, it.folder(portal), upper(it.at(portal + 4)));
    if (!it.of("atlassian.net")) return std::nullopt;
    auto key = it.value("selectedIssue");
    if (key.empty() && it.path.size() > 2 && it.at(0) == "jira") key = it.path.back();
    if (!is_issue_key(key)) return std::nullopt;
    return fmt::format("https://{}/browse/{}", it.host, upper(key));
}

Found linear(Address const& it) {
    if (it.host != "linear.app" || it.at(1) != "issue" || !is_name(it.at(0)) || !is_issue_key(it.at(2))) return std::nullopt;
    return fmt::format("https://linear.app/{}/issue/{}", lower(it.at(0)), upper(it.at(2)));
}

// Issues and changes are counted together.
Found github(Address const& it) {
    if (it.host != "github.com" && !it.host.starts_with("github.")) return std::nullopt;
    if (it.at(2) != "issues" && it.at(2) != "pull") return std::nullopt;
    if (!is_name(it.at(0)) || !is_name(it.at(1)) || !is_number(it.at(3))) return std::nullopt;
    return fmt::format("https://{}/{}/{}/issues/{}", it.host, lower(it.at(0)), lower(it.at(1)), it.at(3));
}

Found gitlab(Address const& it) {
    auto project_end = it.find({"-"});
    auto place = project_end + 1;
    if (it.host == "gitlab.com" && project_end == it.path.size() && it.path.size() > 3)  // as it was written once
        place = project_end = it.path.size() - 2;
    auto kind = it.at(place);
    if (kind == "work_items") kind = "issues";
    if (kind != "issues" && kind != "merge_requests") return std::nullopt;
    if (project_end < 2 || !is_number(it.at(place + 1))) return std::nullopt;
    return fmt::format("https://{}{}/-/{}/{}", it.host, lower(it.folder(project_end)), kind, it.at(place + 1));
}

// A web address from here on, up to what ends it; punctuation behind it is the sentence's.
std::string_view address_at(std::string_view text) {
    auto const end = std::min(text.find_first_of(" \t\r\n<>|\"`"), text.size());
    auto url = text.substr(0, end);
    while (!url.empty() && std::string_view{".,;:!?)]}'*_~"}.find(url.back()) != std::string_view::npos) url.remove_suffix(1);
    return url;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        out += text[at];
        if (text.substr(at).starts_with("&amp;")) at += 4;
    }
    return out;
}

}  // namespace

std::optional<std::string> ticket_address(std::string_view url) {
    auto const address = Address::parse(url);
    if (!address) return std::nullopt;
    for (auto const shape :
         {zendesk, freshdesk, intercom, hubspot, zammad, chatwoot, request_tracker, jira, linear, github, gitlab})
        if (auto found = shape(*address)) return found;
    return std::nullopt;
}

std::vector<std::string> tickets_in(std::string_view slack_text) {
    std::vector<std::string> found;
    std::vector<std::string> known;
    auto const begins = [](std::string_view text) {
        auto const start = lower(text.substr(0, 8));
        return start.starts_with("https://") || start.starts_with("http://");
    };
    for (std::size_t at = 0; at < std::min(slack_text.size(), text_max);) {
        auto const rest = slack_text.substr(at);
        bool const framed = rest.front() == '<';
        auto const from = rest.substr(framed ? 1 : 0);
        if (!begins(from)) {
            ++at;
            continue;
        }
        auto const url = unescaped(address_at(from));
        auto const end = framed ? rest.find('>') : std::string_view::npos;
        at += end != std::string_view::npos ? end + 1 : std::max<std::size_t>(address_at(from).size() + (framed ? 1 : 0), 1);
        auto ticket = ticket_address(url);
        if (!ticket || std::find(known.begin(), known.end(), *ticket) != known.end()) continue;
        known.push_back(*std::move(ticket));
        found.push_back(url);
        if (found.size() > tickets_max) return {};
    }
    return found;
}

}  // namespace esc::rules
