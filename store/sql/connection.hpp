// The narrow boundary behind which a database engine stands: two classes, at statement level. Repositories are written
// once above it. SQL texts are static, use $1… and explicit columns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace esc::sql {

// The world is broken: the database cannot do what it must. Caught where commands are run, never in a repository.
class DatabaseError : public std::runtime_error {
public:
    DatabaseError(std::string const& what, int code, bool busy = false) : std::runtime_error(what), code_(code), busy_(busy) {}
    [[nodiscard]] int code() const noexcept { return code_; }
    // Somebody else holds the database; nothing was done, and trying again can help.
    [[nodiscard]] bool busy() const noexcept { return busy_; }

private:
    int code_;
    bool busy_;
};

// One static text per query; the statement cache knows it by address.
struct Sql {
    std::string_view text;
};

struct Blob {
    std::string_view bytes;
};

class Statement {
public:
    Statement() = default;
    Statement(Statement const&) = delete;
    Statement& operator=(Statement const&) = delete;
    virtual ~Statement() = default;
    // Parameters: $1 is 1. Texts and blobs must live until the statement has been reset.
    virtual void bind(int parameter, std::int64_t value) = 0;
    virtual void bind(int parameter, std::string_view text) = 0;
    virtual void bind(int parameter, Blob blob) = 0;
    virtual void bind_null(int parameter) = 0;
    virtual bool step() = 0;  // true: a row is there; throws DatabaseError
    virtual void reset() = 0;
    // Columns from 0; views are valid until the next step or reset.
    [[nodiscard]] virtual bool is_null(int column) const = 0;
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
    [[nodiscard]] virtual std::string_view text(int column) const = 0;
    [[nodiscard]] virtual std::string_view blob(int column) const = 0;
};

enum class Mode : std::uint8_t { read, write };

class Connection {
public:
    Connection() = default;
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;
    virtual ~Connection() = default;
    virtual Statement& prepared(Sql const& sql) = 0;      // reset and unbound; one use at a time
    virtual void execute(std::string const& script) = 0;  // several statements, for migrations
    virtual void begin(Mode mode) = 0;
    virtual void commit() = 0;
    virtual void rollback() noexcept = 0;
    [[nodiscard]] virtual std::int64_t changes() const = 0;  // rows touched by the last statement
    virtual void checkpoint() = 0;
};

enum class Access : std::uint8_t { read_write, read_only };
// `url` is "sqlite:FILE" or "sqlite::memory:". Throws DatabaseError that names the file. Every connection to
// "sqlite::memory:" has a database of its own.
std::unique_ptr<Connection> open_connection(std::string const& url, Access access);
// The file's name in an address; nothing when it is not an address of a store.
[[nodiscard]] std::optional<std::string> file_of(std::string_view url);
[[nodiscard]] bool in_memory(std::string_view url);

}  // namespace esc::sql
