// Counts what is under way: one more while this lives, also when a coroutine that holds it is cancelled.
#pragma once

#include <cstddef>

namespace esc {

class CountedWhile {
public:
    explicit CountedWhile(std::size_t& count) : count_(count) { ++count_; }
    ~CountedWhile() { --count_; }
    CountedWhile(CountedWhile const&) = delete;
    CountedWhile& operator=(CountedWhile const&) = delete;

private:
    std::size_t& count_;
};

}  // namespace esc
