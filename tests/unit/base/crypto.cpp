// Published vectors (FIPS 180-4 examples, RFC 4231) and what random ids promise.
#include "bot/base/crypto.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <thread>
#include <vector>

namespace {

std::string sha(std::string_view text) { return esc::hex(esc::bytes_of(esc::sha256(text))); }
std::string mac(std::string_view key, std::string_view text) { return esc::hex(esc::bytes_of(esc::hmac_sha256(key, text))); }

}  // namespace

BOOST_AUTO_TEST_SUITE(crypto)

BOOST_AUTO_TEST_CASE(sha256_vectors) {
    BOOST_TEST(sha("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    BOOST_TEST(sha("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    BOOST_TEST(sha("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    BOOST_TEST(sha(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    // The context is reused: what went before must not matter.
    BOOST_TEST(sha("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(hmac_vectors) {
    BOOST_TEST(mac(std::string(20, '\x0b'), "Hi There") == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    BOOST_TEST(mac("Jefe", "what do ya want for nothing?") == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    BOOST_TEST(mac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    BOOST_TEST(mac("", "") == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    BOOST_TEST(mac({}, {}) == mac("", ""));
}

BOOST_AUTO_TEST_CASE(threads_hash_side_by_side) {
    std::string const expected = sha("shared text");
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (int& count : wrong) {
        threads.emplace_back([&expected, &count] {
            for (int i = 0; i < 1000; ++i) count += sha("shared text") == expected ? 0 : 1;
        });
    }
    for (std::thread& thread : threads) thread.join();
    BOOST_TEST(wrong == std::vector<int>(4, 0), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(comparing) {
    BOOST_TEST(esc::constant_time_equal("", ""));
    BOOST_TEST(esc::constant_time_equal("same", "same"));
    BOOST_TEST(!esc::constant_time_equal("same", "samf"));
    BOOST_TEST(!esc::constant_time_equal("same", "sam"));
    BOOST_TEST(!esc::constant_time_equal("", "a"));
}

BOOST_AUTO_TEST_CASE(random_ids_have_the_asked_length_and_differ) {
    BOOST_TEST(esc::hex(std::string_view("\x00\x0f\xff", 3)) == "000fff");
    BOOST_TEST(esc::random_bytes(0).empty());
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) seen.insert(esc::random_hex(16));
    BOOST_TEST(seen.size() == 100U);
    BOOST_TEST(seen.begin()->size() == 32U);
    BOOST_TEST(seen.begin()->find_first_not_of("0123456789abcdef") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
