// The shared checks. Addresses are taken apart by hand here, since this library knows nothing of the network's.
#include "bot/base/config_checks.hpp"

#include "bot/base/time.hpp"

#include <arpa/inet.h>

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace esc::config_checks {

namespace {

bool numeric_address(int family, std::string_view host) {
    unsigned char bytes[16];
    return inet_pton(family, std::string(host).c_str(), bytes) == 1;
}

bool valid_port(std::string_view digits) {
    unsigned port = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return error == std::errc{} && end == digits.data() + digits.size() && port <= 65535;
}

struct Authority {
    std::string_view host;
    std::string_view port;  // empty: not given
    bool bracketed = false;
};

// host, host:port, [v6], [v6]:port; nothing when the text is none of these.
std::optional<Authority> split_authority(std::string_view text) {
    Authority result;
    if (text.starts_with('[')) {
        auto const end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        result.bracketed = true;
        result.host = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
        if (!text.empty() && text.front() != ':') return std::nullopt;
        if (!numeric_address(AF_INET6, result.host)) return std::nullopt;
    } else {
        auto const colon = std::min(text.find(':'), text.size());
        result.host = text.substr(0, colon);
        text.remove_prefix(colon);
    }
    if (!text.empty()) {
        result.port = text.substr(1);
        if (!valid_port(result.port)) return std::nullopt;
    }
    if (result.host.empty()) return std::nullopt;
    return result;
}

bool loopback(Authority const& authority) {
    if (authority.bracketed) return authority.host == "::1";
    return authority.host == "localhost" || (authority.host.starts_with("127.") && numeric_address(AF_INET, authority.host));
}

}  // namespace

bool looks_like_token(std::string_view text) {
    return (text.starts_with("xox") && text.find('-') != std::string_view::npos) || text.starts_with("xapp-");
}

std::string quoted(std::string_view text) {
    constexpr std::size_t shown_max = 60;
    if (looks_like_token(text)) return "a token (not shown)";
    return text.size() <= shown_max ? fmt::format("\"{}\"", text) : fmt::format("\"{}…\"", text.substr(0, shown_max));
}

std::optional<std::string> store_url_problem(std::string_view url) {
    constexpr std::string_view sqlite = "sqlite:";
    if (url.starts_with("postgresql:") || url.starts_with("postgres:")) {
        return "PostgreSQL is not supported by this version yet: write \"sqlite:FILE\"";
    }
    if (!url.starts_with(sqlite) || url.size() == sqlite.size()) return "expected \"sqlite:FILE\"";
    return std::nullopt;
}

std::optional<std::string> listen_problem(std::string_view address) {
    auto const authority = split_authority(address);
    if (authority && !authority->port.empty() && (authority->bracketed || numeric_address(AF_INET, authority->host))) {
        return std::nullopt;
    }
    return fmt::format("expected an address and a port, such as \"127.0.0.1:8085\" or \"[::1]:8085\", not {}", quoted(address));
}

std::optional<std::string> api_url_problem(std::string_view url) {
    constexpr std::string_view expected = "expected an address such as https://slack.com/api/";
    std::string_view rest = url;
    bool const tls = rest.starts_with("https://");
    if (!tls && !rest.starts_with("http://")) return std::string(expected);
    rest.remove_prefix(tls ? 8 : 7);
    bool const printable = std::all_of(rest.begin(), rest.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (!printable || rest.find_first_of("?#@\\") != std::string_view::npos) {
        return fmt::format("{}, without user, query, fragment or spaces", expected);
    }
    auto const authority = split_authority(rest.substr(0, rest.find('/')));
    if (!authority) return std::string(expected);
    if (!tls && !loopback(*authority)) return "plain http is accepted for loopback addresses only: write https://…";
    return std::nullopt;
}

Result<std::chrono::seconds> parse_days(std::string_view text) {
    auto const span = parse_elapsed(text);
    if (span && span->count() > 0 && text.find_first_not_of("0123456789") == text.size() - 1 && text.ends_with('d')) return *span;
    return fail(Errc::invalid, "expected a number of days such as \"400d\", at most ten years, not {}", quoted(text));
}

}  // namespace esc::config_checks
