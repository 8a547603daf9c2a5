// A certificate authority of one test, and a server that takes TLS off and passes the bytes on to a plain port.
#include "tests/unit/net/support.hpp"

#include "bot/net/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace esc::net::test {

namespace {

constexpr auto outcome = asio::as_tuple(asio::use_awaitable);

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

template <class Write>
std::string to_pem(Write const& write) {
    std::unique_ptr<BIO, decltype(&BIO_free)> const memory(BIO_new(BIO_s_mem()), &BIO_free);
    if (write(memory.get()) != 1) throw std::runtime_error("cannot write PEM");
    char* data = nullptr;
    auto const size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Certificate make_certificate(Key const& key, char const* name, X509* issuer, Key const& issuer_key, std::string const& alt_name) {
    Certificate certificate(X509_new(), &X509_free);
    auto* const x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), issuer ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    X509_set_pubkey(x, key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>(name), -1, -1,
                               0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
    auto const add = [x](int id, std::string const& value) {
        auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
        X509_add_ext(x, extension, -1);
        X509_EXTENSION_free(extension);
    };
    if (issuer)
        add(NID_subject_alt_name, alt_name);
    else
        add(NID_basic_constraints, "critical,CA:TRUE");
    if (X509_sign(x, issuer_key.get(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
    return certificate;
}

}  // namespace

Certificates make_certificates(std::string const& dns_name) {
    Key const root_key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    Key const key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    auto const root = make_certificate(root_key, "Root of a test", nullptr, root_key, {});
    auto const leaf = make_certificate(key, "Server of a test", root.get(), root_key, "DNS:" + dns_name);
    return {.root_pem = to_pem([&](BIO* out) { return PEM_write_bio_X509(out, root.get()); }),
            .certificate_pem = to_pem([&](BIO* out) { return PEM_write_bio_X509(out, leaf.get()); }),
            .key_pem = to_pem(
                [&](BIO* out) { return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
}

struct TlsFront::Impl {
    struct Pair {
        asio::ssl::stream<tcp::socket> tls;
        tcp::socket plain;
    };

    Impl(asio::io_context& io, std::uint16_t port)
        : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), plain_port(port), tasks(io.get_executor()) {}

    static Awaitable<> accept(std::shared_ptr<Impl> self) {
        while (true) {
            auto [error, socket] = co_await self->acceptor.async_accept(outcome);
            if (error) co_return;
            self->tasks.spawn("front", serve(self, std::move(socket)));
        }
    }
    static Awaitable<> serve(std::shared_ptr<Impl> self, tcp::socket socket) {
        auto const pair = std::make_shared<Pair>(
            Pair{asio::ssl::stream<tcp::socket>(std::move(socket), self->context), tcp::socket(self->acceptor.get_executor())});
        auto const [refused] = co_await pair->tls.async_handshake(asio::ssl::stream_base::server, outcome);
        if (refused) co_return;
        auto const [error] = co_await pair->plain.async_connect({asio::ip::address_v4::loopback(), self->plain_port}, outcome);
        if (error) co_return;
        self->tasks.spawn("inwards", pump(pair, pair->tls, pair->plain));
        self->tasks.spawn("outwards", pump(pair, pair->plain, pair->tls));
    }
    template <class From, class To>
    static Awaitable<> pump(std::shared_ptr<Pair> pair, From& from, To& to) {
        std::array<char, 16384> chunk;
        while (true) {
            auto const [error, size] = co_await from.async_read_some(asio::buffer(chunk), outcome);
            if (error) break;
            auto const [failed, written] = co_await asio::async_write(to, asio::buffer(chunk, size), outcome);
            if (failed) break;
        }
        pair->tls.next_layer().close();
        pair->plain.close();
    }

    asio::ssl::context context{asio::ssl::context::tls_server};
    tcp::acceptor acceptor;
    std::uint16_t plain_port;
    TaskGroup tasks;
};

TlsFront::TlsFront(asio::io_context& io, Certificates const& certificates, std::uint16_t plain_port)
    : impl_(std::make_shared<Impl>(io, plain_port)) {
    impl_->context.use_certificate_chain(asio::buffer(certificates.certificate_pem));
    impl_->context.use_private_key(asio::buffer(certificates.key_pem), asio::ssl::context::pem);
    impl_->tasks.spawn("front-accept", Impl::accept(impl_));
}

TlsFront::~TlsFront() {
    impl_->acceptor.close();
    impl_->tasks.cancel();
}

Url TlsFront::url(std::string target) const {
    return {.tls = true, .host = "localhost", .port = impl_->acceptor.local_endpoint().port(), .target = std::move(target)};
}

}  // namespace esc::net::test
