// The compiled half of Beast. Every other file sees declarations only, which keeps builds short.
#include <boost/beast/src.hpp>
