// An address taken apart. http, https, ws and wss only.
#pragma once

#include "bot/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace esc::net {

struct Url {
    bool tls = false;
    std::string host{};  // without brackets
    std::uint16_t port = 0;
    std::string target{};  // path and query, at least "/"

    [[nodiscard]] static Result<Url> parse(std::string_view text);
    [[nodiscard]] bool loopback() const;            // 127.0.0.0/8, ::1, localhost
    [[nodiscard]] std::string host_header() const;  // port only when it is not the scheme's own
    [[nodiscard]] std::string origin() const;       // for logs and pools: never path or query (tickets!)
};

}  // namespace esc::net
