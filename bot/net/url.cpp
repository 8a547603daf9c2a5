// Takes addresses apart with Boost.URL. Refusals never repeat the text, since path and query may hold a ticket.
#include "bot/net/url.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace esc::net {

namespace {

constexpr std::size_t text_bytes_max = 8192;  // a Socket Mode address has about 400

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::uint16_t own_port(bool tls) { return tls ? 443 : 80; }

}  // namespace

Result<Url> Url::parse(std::string_view text) {
    if (text.size() > text_bytes_max) return fail(Errc::invalid, "the address is longer than {} bytes", text_bytes_max);
    auto const parsed = boost::urls::parse_uri(text);
    if (!parsed) return fail(Errc::invalid, "not an address: {}", parsed.error().message());
    std::string scheme(parsed->scheme());
    std::ranges::transform(scheme, scheme.begin(), lower);

    Url url;
    url.tls = scheme == "https" || scheme == "wss";
    if (!url.tls && scheme != "http" && scheme != "ws")
        return fail(Errc::invalid, "the address must start with http://, https://, ws:// or wss://");
    // Boost.URL 1.81 takes "http://host:-1" for a host and a path "-1".
    if (auto const path = parsed->encoded_path(); !path.empty() && path.front() != '/')
        return fail(Errc::invalid, "the address holds something that is not a port after its host name");
    if (parsed->has_userinfo()) return fail(Errc::invalid, "the address must not hold a user name or password");
    if (parsed->encoded_host().find('%') != std::string_view::npos)
        return fail(Errc::invalid, "the host name holds characters that host names cannot have");
    url.host = parsed->host_address();
    if (url.host.empty()) return fail(Errc::invalid, "the address has no host name");
    std::ranges::transform(url.host, url.host.begin(), lower);

    url.port = own_port(url.tls);
    if (parsed->has_port() && !parsed->port().empty()) {
        url.port = parsed->port_number();
        if (url.port == 0) return fail(Errc::invalid, "the port must be between 1 and 65535");
    }
    url.target = std::string(std::string_view(parsed->encoded_target()));
    if (url.target.empty() || url.target.front() != '/') url.target.insert(0, 1, '/');
    return url;
}

bool Url::loopback() const {
    if (host == "localhost") return true;
    boost::system::error_code error;
    auto const address = boost::asio::ip::make_address(host, error);
    return !error && address.is_loopback();
}

std::string Url::host_header() const {
    auto const bare = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == own_port(tls) ? bare : bare + ":" + std::to_string(port);
}

std::string Url::origin() const { return (tls ? "https://" : "http://") + host_header(); }

}  // namespace esc::net
