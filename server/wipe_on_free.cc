// Memory that was freed holds nothing any more: what a request brought along (cookies, passwords,
// texts) is in no core dump once the request is handled. Larger blocks are wiped by who owns them.
#include <malloc.h>
#include <string.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kWipedBytesMax = 4096;

void wipe_and_free(void* block) noexcept {
  if (block == nullptr) return;
  const std::size_t size = ::malloc_usable_size(block);
  if (size <= kWipedBytesMax) ::explicit_bzero(block, size);
  std::free(block);
}

}  // namespace

// The other forms of new and delete lead to these.
void* operator new(std::size_t size) {
  for (;;) {
    if (void* const block = std::malloc(size == 0 ? 1 : size)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}
void operator delete(void* block) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::size_t) noexcept { wipe_and_free(block); }
