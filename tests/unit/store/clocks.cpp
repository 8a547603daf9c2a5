// Packed clocks: whatever is written is read back, and nothing else is accepted.
#include "store/clocks.hpp"

#include "store/sql/connection.hpp"
#include "store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

namespace esc::test {
BOOST_AUTO_TEST_SUITE(clocks)

BOOST_AUTO_TEST_CASE(what_is_packed_is_unpacked) {
    auto stopped = clock_of(ClockKind::resolution, at(5), std::chrono::hours{8});
    stopped.generation = 3;
    stopped.points_fired = 3;
    stopped.stopped_at = at(-5);
    stopped.outcome = ClockOutcome::breached;
    auto far = clock_of(ClockKind::first_response, at(0), std::chrono::seconds{-1});
    far.started_at = from_us(std::numeric_limits<std::int64_t>::min());
    far.due = from_us(std::numeric_limits<std::int64_t>::max());
    auto bare = SlaClock{.kind = ClockKind::owner};
    std::vector<std::vector<SlaClock>> const table{
        {}, {bare}, {stopped}, {far}, {clock_of(ClockKind::owner, at(0), std::chrono::minutes{15}), stopped, bare, far},
    };
    for (auto const& clocks : table) {
        auto const packed = pack_clocks(clocks);
        BOOST_TEST_CONTEXT(packed) { BOOST_TEST((unpack_clocks(packed) == clocks)); }
    }
    BOOST_TEST((unpack_points(pack_points(far.points, far.started_at), far.started_at) == far.points));
    BOOST_TEST(unpack_points("-", at(0)).empty());
}

BOOST_AUTO_TEST_CASE(nothing_else_is_accepted) {
    std::string const good = "1,0,100,900,900,0,1,x,1+675/3+901";
    BOOST_TEST(unpack_clocks(good).size() == 1u);
    for (std::string const bad : {
             " ",
             ";",
             "1",
             "1,0,100,900,900,0,1,x,",
             "1,0,100,900,900,0,1,x",
             "1,0,100,900,900,0,1,x,1+675/3+901;",
             "1,0,100,900,900,0,1,x,1+675/3+901 ",
             "1,0,100,900,900,0,1,x,1+675/",
             "1,0,100,900,900,0,1,x,1+675/3",
             "1,0,100,900,900,0,1,x,1-675",
             "1,0,100,900,900,0,3,x,1+675/3+901",   // more fired than there are
             "1,0,100,900,900,0,-1,x,1+675/3+901",  // fewer than none
             "1,0,100,900,900,4,1,x,1+675/3+901",   // no such outcome
             "5,0,100,900,900,0,1,x,1+675/3+901",   // no such clock
             "1,0,100,900,900,0,1,x,1+675/3+901,0",
             "1,0,100,900,900,0,1,p,1+675/3+901",
             "1,-1,100,900,900,0,1,x,1+675/3+901",
             "01,0,100,900,900,0,1,x,1+675/3+901",
             "1,0,+100,900,900,0,1,x,1+675/3+901",
             "1,0, 100,900,900,0,1,x,1+675/3+901",
             "1,0,100,900,99999999999999999999,0,1,x,1+675/3+901",
             "1,0,100,900,900,0,1,y,1+675/3+901",
             "1,0,100,900,900,0,0,x,--",
         })
        BOOST_TEST_CONTEXT(bad) { BOOST_CHECK_THROW((void)unpack_clocks(bad), sql::DatabaseError); }
    for (std::size_t length = 1; length <= good.find('+'); ++length) BOOST_TEST_CONTEXT(length) {
            BOOST_CHECK_THROW((void)unpack_clocks(std::string_view(good).substr(0, length)), sql::DatabaseError);
        }
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace esc::test
