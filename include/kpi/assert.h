// Assertions that stay on in every build: a broken invariant ends the process instead of
// becoming a wrong number. Bugs assert; input and the world give errors (kpi/result.h).
#pragma once
#include <cstdio>
#include <cstdlib>

#define KPI_ASSERT(condition)                                                                \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: assertion failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
