// Result<T>: the value or a sentence for a person, with a code chosen by what the caller does next.
// Exceptions are for a broken world (database gone, bug); Result is for what a user or a network can cause.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <fmt/core.h>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace esc {

enum class Errc {
    invalid,       // the input cannot be understood: correct it
    not_found,     // what was named does not exist
    conflict,      // somebody was faster, or the state does not allow it: look again
    forbidden,     // this actor may not
    rate_limited,  // again after `retry_after`
    unavailable,   // again later; nothing has happened
    timed_out,     // it may have happened: find out before repeating
    internal,      // a fault of ours
};

std::string_view to_string(Errc code) noexcept;

struct Error {
    Errc code = Errc::internal;
    std::string message;                       // one sentence, for a person
    std::chrono::milliseconds retry_after{0};  // only with rate_limited; 0 = not said
    std::string cause{};                       // the peer's own code, e.g. Slack's "not_in_channel"; may be empty

    friend bool operator==(Error const&, Error const&) = default;
};

// Asking again later can help; the same question would not bring the same answer for ever.
[[nodiscard]] constexpr bool is_transient(Errc code) noexcept {
    return code == Errc::unavailable || code == Errc::timed_out || code == Errc::rate_limited;
}

// What an exception says, for the log and for people.
[[nodiscard]] std::string what_of(std::exception_ptr const& error);

// Thrown by Result::value() on an error; only tests and `main` should get here.
class ResultError : public std::runtime_error {
public:
    explicit ResultError(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
    [[nodiscard]] Error const& error() const noexcept { return error_; }

private:
    Error error_;
};

[[noreturn]] inline void throw_exception_from_error(Error const& error, boost::source_location const&) {
    throw ResultError(error);
}

template <class T = void>
using Result = boost::system::result<T, Error>;

template <class... Args>
[[nodiscard]] Error fail(Errc code, fmt::format_string<Args...> format, Args&&... args) {
    return Error{.code = code, .message = fmt::format(format, std::forward<Args>(args)...)};
}

}  // namespace esc

#define ESC_CONCAT_IMPL(a, b) a##b
#define ESC_CONCAT(a, b) ESC_CONCAT_IMPL(a, b)

// ESC_TRY(auto x, expression);   binds the value or returns the error from the enclosing function.
#define ESC_TRY(declaration, ...) ESC_TRY_IMPL(ESC_CONCAT(esc_try_, __COUNTER__), declaration, __VA_ARGS__)
#define ESC_TRY_IMPL(temporary, declaration, ...)        \
    auto&& temporary = (__VA_ARGS__);                    \
    if (!temporary) return std::move(temporary).error(); \
    declaration = *std::move(temporary)
// ESC_CHECK(expression);   for Result<void>; ESC_CO_CHECK in a coroutine.
#define ESC_CHECK(...)                                                                                              \
    do {                                                                                                            \
        if (auto&& esc_check_result = (__VA_ARGS__); !esc_check_result) return std::move(esc_check_result).error(); \
    } while (false)
#define ESC_CO_CHECK(...)                                                                                              \
    do {                                                                                                               \
        if (auto&& esc_check_result = (__VA_ARGS__); !esc_check_result) co_return std::move(esc_check_result).error(); \
    } while (false)
