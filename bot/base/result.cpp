// Names of the error codes, and the words of an exception.
#include "bot/base/result.hpp"

namespace esc {

std::string_view to_string(Errc code) noexcept {
    switch (code) {
        case Errc::invalid:
            return "invalid";
        case Errc::not_found:
            return "not_found";
        case Errc::conflict:
            return "conflict";
        case Errc::forbidden:
            return "forbidden";
        case Errc::rate_limited:
            return "rate_limited";
        case Errc::unavailable:
            return "unavailable";
        case Errc::timed_out:
            return "timed_out";
        case Errc::internal:
            return "internal";
    }
    return "unknown";
}

std::string what_of(std::exception_ptr const& error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (std::exception const& caught) {
        return caught.what();
    } catch (...) {  // named below: something was thrown that is no std::exception
    }
    return "an exception of an unknown type";
}

}  // namespace esc
