// For LD_PRELOAD: a disk that stops to answer. While the file that STALLED_DISK names exists, fdatasync and fsync do not return;
// the first that waits makes a file of that name with ".met" behind it.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace {

int sync_unless_stalled(char const* name, int file) {
    auto const* stall = std::getenv("STALLED_DISK");
    if (stall != nullptr && ::access(stall, F_OK) == 0) {
        ::close(::open((std::string(stall) + ".met").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        while (::access(stall, F_OK) == 0) ::usleep(10'000);
    }
    return reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, name))(file);
}

}  // namespace

extern "C" {
__attribute__((visibility("default"))) int fdatasync(int file) { return sync_unless_stalled("fdatasync", file); }
__attribute__((visibility("default"))) int fsync(int file) { return sync_unless_stalled("fsync", file); }
}
