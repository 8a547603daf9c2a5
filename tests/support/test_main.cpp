// The one Boost.Test main of every test program.
#define BOOST_TEST_MODULE escalation_tracker
#include <boost/test/unit_test.hpp>
