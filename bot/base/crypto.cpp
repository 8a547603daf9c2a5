// OpenSSL's EVP behind four functions. A failure here means a broken library or no memory, so it is thrown.
#include "bot/base/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <limits>
#include <memory>
#include <stdexcept>

namespace esc {

namespace {

[[noreturn]] void broken(char const* what) { throw std::runtime_error(std::string("OpenSSL failed: ") + what); }

// Fetching an algorithm by name costs several times the hash of a short text: once per process.
EVP_MD const* sha256_algorithm() {
    static EVP_MD const* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (algorithm == nullptr) broken("no SHA-256");
    return algorithm;
}

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

}  // namespace

Digest sha256(std::string_view bytes) {
    thread_local std::unique_ptr<EVP_MD_CTX, FreeContext> const context{EVP_MD_CTX_new()};
    Digest digest;
    if (!context || EVP_DigestInit_ex(context.get(), sha256_algorithm(), nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
        broken("SHA-256");
    }
    return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
    if (key.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) broken("HMAC key too long");
    Digest digest;
    unsigned size = 0;
    // A null key would mean "the key of the call before".
    auto const* const key_bytes = key.empty() ? "" : key.data();
    if (HMAC(sha256_algorithm(), key_bytes, static_cast<int>(key.size()), reinterpret_cast<unsigned char const*>(bytes.data()),
             bytes.size(), digest.data(), &size) == nullptr ||
        size != digest.size()) {
        broken("HMAC");
    }
    return digest;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (char const c : bytes) {
        auto const byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 0x0fU];
    }
    return text;
}

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

std::string random_bytes(std::size_t count) {
    if (count > static_cast<std::size_t>(std::numeric_limits<int>::max())) broken("too many random bytes asked for");
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) broken("no random bytes");
    return bytes;
}

std::string random_hex(std::size_t byte_count) { return hex(random_bytes(byte_count)); }

}  // namespace esc
