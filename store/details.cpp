// Writes and reads the packed details. One function names every field for both ways, so that they cannot part.
#include "store/details.hpp"

#include "store/clocks.hpp"
#include "store/sql/connection.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace esc {
namespace {

namespace json = boost::json;

[[noreturn]] void damaged(std::string_view what) {
    throw sql::DatabaseError(fmt::format("packed details cannot be read: {}", what), 0);
}

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsTextId : std::false_type {};
template <class Tag>
struct IsTextId<TextId<Tag>> : std::true_type {};

template <class Io>
void fields(Io& io, SeverityAnswers& a) {
    io("impact", a.impact);
    io("scope", a.scope);
    io("workaround", a.workaround);
    io("data", a.data_exposed);
    io("contract", a.contractual);
}
template <class Io>
void fields(Io& io, SeverityRequest& r) {
    io("by", r.by);
    io("to", r.to);
    io("code", r.code);
    io("reason", r.reason);
    io("at", r.at);
    io("remind_at", r.remind_at);
    io("expires_at", r.expires_at);
}
template <class Io>
void fields(Io& io, TransferRequest& r) {
    io("by", r.by);
    io("to", r.to);
    io("code", r.code);
    io("reason", r.reason);
    io("at", r.at);
    io("remind_at", r.remind_at);
    io("expires_at", r.expires_at);
}
template <class Io>
void fields(Io& io, Coverage& c) {
    io("acting", c.acting);
    io("by", c.by);
    io("from", c.from);
    io("until", c.until);
}
template <class Io>
void fields(Io& io, Unavailable& u) {
    io("since", u.since);
    io("next_alert_at", u.next_alert_at);
    io("deactivated", u.deactivated);
    io("until", u.until);
}
template <class Io>
void fields(Io& io, Waiting& w) {
    io("since", w.since);
    io("reason", w.reason);
    io("asked", w.asked);
    io("reference", w.reference);
    io("until", w.until);
    io("engineer", w.engineer);
    io("engineer_accepted_at", w.engineer_accepted_at);
    io("checklist", w.checklist);
}
template <class Io>
void fields(Io& io, Promise& p) {
    io("text", p.text);
    io("to", p.to);
    io("by", p.by);
    io("at", p.at);
    io("due", p.due);
}
template <class Io>
void fields(Io& io, NextStep& n) {
    io("text", n.text);
    io("by", n.by);
    io("at", n.at);
}
template <class Io>
void fields(Io& io, Brief& b) {
    io("trend", b.trend);
    io("tried", b.tried);
    io("theory", b.theory);
    io("blocker", b.blocker);
    io("if_then", b.if_then);
    io("by", b.by);
    io("at", b.at);
}
template <class Io>
void fields(Io& io, Participant& p) {
    io("kind", p.kind);
    io("person", p.person);
    io("since", p.since);
}
template <class Io>
void fields(Io& io, Warranted& w) {
    io("level", w.level);
    io("by", w.by);
    io("at", w.at);
    io("graded_by", w.graded_by);
}
template <class Io>
void fields(Io& io, Merge& m) {
    io("into", m.into);
    io("state_before", m.state_before);
    io("at", m.at);
    io("parent_had", m.parent_had);
    io("parent_got", m.parent_got);
    io("parent_promise", m.parent_promise);
}
template <class Io>
void fields(Io& io, Details& d) {
    io("answers", d.answers);
    io("computed", d.computed);
    io("settled", d.settled);
    io("severity_request", d.severity_request);
    io("unconfirmed_since", d.unconfirmed_since);
    io("unconfirmed_alert_at", d.unconfirmed_alert_at);
    io("transfer", d.transfer);
    io("coverage", d.coverage);
    io("unavailable", d.unavailable);
    io("team_hops", d.team_hops);
    io("waiting", d.waiting);
    io("bounces", d.bounces);
    io("workaround", d.workaround);
    io("exit_criteria", d.exit_criteria);
    io("cause", d.cause);
    io("preventable", d.preventable);
    io("warranted", d.warranted);
    io("close_at", d.close_at);
    io("declined_reason", d.declined_reason);
    io("merge", d.merge);
    io("next_step", d.next_step);
    io("promise", d.promise);
    io("brief", d.brief);
    io("participants", d.participants);
    io("customer", d.customer);
    io("author", d.author);
    io("private_source", d.private_source);
    io("shared_source", d.shared_source);
    io("source_deleted", d.source_deleted);
    io("customer_wrote_at", d.customer_wrote_at);
    io("replied_at", d.replied_at);
    io("generations", d.generations);
    io("similar", d.similar);
    io("same_ticket", d.same_ticket);
    io("texts_erased", d.texts_erased);
}

// --- writing: what equals a fresh value is left out ----------------------------------------------------------------------

struct Writer {
    json::object out{};

    template <class T>
    void operator()(std::string_view name, T& value) {
        if (value == T{}) return;
        out.emplace(name, of(value));
    }

    template <class T>
    static json::value of(T& value) {
        if constexpr (IsOptional<T>::value) {
            return of(*value);
        } else if constexpr (std::is_same_v<T, std::vector<SlaClock>>) {
            return json::string(pack_clocks(value));
        } else if constexpr (IsVector<T>::value) {
            json::array all;
            for (auto& one : value) all.push_back(of(one));
            return all;
        } else if constexpr (std::is_same_v<T, std::map<ClockKind, int>>) {
            json::object all;
            for (auto const& [kind, count] : value) all.emplace(to_string(kind), count);
            return all;
        } else if constexpr (IsTextId<T>::value) {
            return json::string(value.value);
        } else if constexpr (std::is_same_v<T, std::string>) {
            return json::string(value);
        } else if constexpr (std::is_same_v<T, bool>) {
            return value;
        } else if constexpr (std::is_same_v<T, Instant>) {
            return to_us(value);
        } else if constexpr (std::is_same_v<T, EscalationId>) {
            return value.number;
        } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
            return static_cast<std::int64_t>(value);
        } else {
            Writer inner;
            fields(inner, value);
            return std::move(inner.out);
        }
    }
};

// --- reading -------------------------------------------------------------------------------------------------------------

struct Reader {
    json::object const& in;
    std::size_t known = 0;

    template <class T>
    void operator()(std::string_view name, T& value) {
        auto const* found = in.if_contains(name);
        if (found == nullptr) return;
        ++known;
        read(name, *found, value);
    }

    template <class T>
    static void read(std::string_view name, json::value const& from, T& value) {
        if constexpr (IsOptional<T>::value) {
            read(name, from, value.emplace());
        } else if constexpr (std::is_same_v<T, std::vector<SlaClock>>) {
            if (!from.is_string()) damaged(name);
            value = unpack_clocks(from.get_string());
        } else if constexpr (IsVector<T>::value) {
            if (!from.is_array()) damaged(name);
            for (auto const& one : from.get_array()) read(name, one, value.emplace_back());
        } else if constexpr (std::is_same_v<T, std::map<ClockKind, int>>) {
            if (!from.is_object()) damaged(name);
            for (auto const& one : from.get_object()) {
                auto const kind = parse_clock_kind(one.key());
                if (!kind) damaged(name);
                value[*kind] = static_cast<int>(number(name, one.value()));
            }
        } else if constexpr (IsTextId<T>::value) {
            read(name, from, value.value);
        } else if constexpr (std::is_same_v<T, std::string>) {
            if (!from.is_string()) damaged(name);
            value = from.get_string();
        } else if constexpr (std::is_same_v<T, bool>) {
            if (!from.is_bool()) damaged(name);
            value = from.get_bool();
        } else if constexpr (std::is_same_v<T, Instant>) {
            value = from_us(number(name, from));
        } else if constexpr (std::is_same_v<T, EscalationId>) {
            value.number = number(name, from);
        } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
            value = static_cast<T>(number(name, from));
            if (static_cast<std::int64_t>(value) != number(name, from)) damaged(name);
        } else {
            if (!from.is_object()) damaged(name);
            Reader inner{from.get_object()};
            fields(inner, value);
            inner.finish(name);
        }
    }

    static std::int64_t number(std::string_view name, json::value const& from) {
        if (!from.is_int64()) damaged(name);
        return from.get_int64();
    }
    void finish(std::string_view name) const {
        if (known != in.size()) damaged(fmt::format("{} holds more than this program knows", name));
    }
};

}  // namespace

std::string pack_details(Details const& details) {
    static Details const nothing{};
    if (details == nothing) return {};
    auto copy = details;  // fields() names them for reading as well, which changes them
    Writer writer;
    fields(writer, copy);
    return json::serialize(writer.out);
}

Details unpack_details(std::string_view packed) {
    Details details;
    if (packed.empty()) return details;
    boost::system::error_code error;
    auto const value = json::parse(packed, error);
    if (error || !value.is_object()) damaged(packed);
    Reader reader{value.get_object()};
    fields(reader, details);
    reader.finish("it");
    return details;
}

}  // namespace esc
