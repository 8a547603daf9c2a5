// The compiled half of Asio and of its TLS layer. Every other file sees declarations only, which keeps builds short.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
