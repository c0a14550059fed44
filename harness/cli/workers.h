// Work that is shared out among threads, each with what it needs of its own.
#pragma once

#include <cstddef>
#include <functional>

namespace gauntlet::cli {

/// Does the things 0 … count-1, each once and begun in this order, on at most `jobs` threads.
/// `make_worker` is called once on each thread; what it returns does one thing after the other
/// there. Returns when all are done. Rethrows what one throws first, and begins nothing after it.
void share_out(std::size_t count, std::size_t jobs,
               const std::function<std::function<void(std::size_t)>()>& make_worker);

}  // namespace gauntlet::cli
