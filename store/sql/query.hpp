// Typed use of the statement boundary: bind what is given, walk the rows, leave the statement reset whatever happens.
#pragma once

#include "bot/base/crypto.hpp"
#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "store/sql/connection.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace esc::sql {

inline void bind_value(Statement& statement, int parameter, std::string_view text) { statement.bind(parameter, text); }
inline void bind_value(Statement& statement, int parameter, std::string const& text) {
    statement.bind(parameter, std::string_view(text));
}
inline void bind_value(Statement& statement, int parameter, Blob blob) { statement.bind(parameter, blob); }
inline void bind_value(Statement& statement, int parameter, Digest const& digest) {
    statement.bind(parameter, Blob{bytes_of(digest)});
}
template <std::integral Integer>
void bind_value(Statement& statement, int parameter, Integer value) {
    statement.bind(parameter, static_cast<std::int64_t>(value));
}
template <class Enum>
    requires std::is_enum_v<Enum>
void bind_value(Statement& statement, int parameter, Enum value) {
    statement.bind(parameter, static_cast<std::int64_t>(value));
}
inline void bind_value(Statement& statement, int parameter, Instant at) { statement.bind(parameter, to_us(at)); }
inline void bind_value(Statement& statement, int parameter, EscalationId id) { statement.bind(parameter, id.number); }
template <class Tag>
void bind_value(Statement& statement, int parameter, TextId<Tag> const& id) {
    statement.bind(parameter, std::string_view(id.value));
}
template <class T>
void bind_value(Statement& statement, int parameter, std::optional<T> const& value) {
    if (value) {
        bind_value(statement, parameter, *value);
    } else {
        statement.bind_null(parameter);
    }
}

// The rows of one execution. Arguments are bound as $1, $2, … and must outlive it. A value that the column cannot hold by
// the rules of the program is a damaged store: DatabaseError.
class Rows {
public:
    template <class... Arguments>
    explicit Rows(Connection& connection, Sql const& sql, Arguments const&... arguments) : statement_(connection.prepared(sql)) {
        [[maybe_unused]] int parameter = 0;
        (bind_value(statement_, ++parameter, arguments), ...);
    }
    ~Rows() { statement_.reset(); }
    Rows(Rows const&) = delete;
    Rows& operator=(Rows const&) = delete;

    bool next() { return statement_.step(); }

    [[nodiscard]] std::int64_t integer(int column) const { return statement_.integer(column); }
    [[nodiscard]] int small(int column) const { return static_cast<int>(statement_.integer(column)); }
    [[nodiscard]] std::string_view text(int column) const { return statement_.text(column); }
    [[nodiscard]] std::string string(int column) const { return std::string(statement_.text(column)); }
    [[nodiscard]] std::string_view blob(int column) const { return statement_.blob(column); }
    [[nodiscard]] bool is_null(int column) const { return statement_.is_null(column); }
    [[nodiscard]] Instant instant(int column) const { return from_us(statement_.integer(column)); }
    [[nodiscard]] std::optional<Instant> maybe_instant(int column) const {
        if (statement_.is_null(column)) return std::nullopt;
        return from_us(statement_.integer(column));
    }
    [[nodiscard]] Digest digest(int column) const {
        auto const bytes = statement_.blob(column);
        Digest digest{};
        if (bytes.size() != digest.size()) throw DatabaseError("a stored digest is not 32 bytes long", 0);
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(digest.data()));
        return digest;
    }
    template <class Id>
    [[nodiscard]] Id id(int column) const {
        return Id{std::string(statement_.text(column))};
    }
    template <class Enum>
    [[nodiscard]] Enum enumerator(int column, Enum lowest, Enum highest) const {
        auto const value = statement_.integer(column);
        if (value < static_cast<std::int64_t>(lowest) || value > static_cast<std::int64_t>(highest))
            throw DatabaseError("a stored number stands for nothing this program knows", 0);
        return static_cast<Enum>(value);
    }

private:
    Statement& statement_;
};

// Runs to the end; the number of rows that were changed.
template <class... Arguments>
std::int64_t run(Connection& connection, Sql const& sql, Arguments const&... arguments) {
    Rows rows(connection, sql, arguments...);
    while (rows.next()) {
    }
    return connection.changes();
}

}  // namespace esc::sql
