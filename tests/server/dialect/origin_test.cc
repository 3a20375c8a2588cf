#include "server/dialect/origin.h"

#include <gtest/gtest.h>

#include <random>

#include "kpi/limits.h"

namespace kpi::server {
namespace {

struct Case {
  std::string url;
  const char* origin;  // nullptr: names no one.
};

TEST(Origin, HasOneSpelling) {
  const Case cases[] = {
      {"https://rp.example", "https://rp.example"},
      {"https://rp.example/", "https://rp.example"},
      {"https://rp.example/cart?x=1#y", "https://rp.example"},
      {"https://rp.example?x", "https://rp.example"},
      {"https://rp.example/a b\xFF", "https://rp.example"},
      {"HTTPS://RP.Example", "https://rp.example"},
      {"https://rp.example:443", "https://rp.example"},
      {"https://rp.example:0443", "https://rp.example"},
      {"http://rp.example:80/", "http://rp.example"},
      {"http://rp.example:443", "http://rp.example:443"},
      {"https://rp.example:80", "https://rp.example:80"},
      {"https://rp.example:", "https://rp.example"},
      {"https://rp.example:65535", "https://rp.example:65535"},
      {"https://rp.example:65536", nullptr},
      {"https://rp.example:99999999999999999999", nullptr},
      {"https://rp.example:-1", nullptr},
      {"https://rp.example:1-", nullptr},
      {"https://rp:x:5", nullptr},
      {"https://user:secret@rp.example/", "https://rp.example"},
      {"https://xn--bcher-kva.example", "https://xn--bcher-kva.example"},
      {"https://b\xC3\xBC"
       "cher.example",
       nullptr},
      {"https://127.0.0.1:8443", "https://127.0.0.1:8443"},
      {"https://[2001:DB8:0:0::1]:8443/", "https://[2001:db8::1]:8443"},
      {"https://%72p.example", "https://rp.example"},
      {"https://rp%00.example", nullptr},
      {"https://rp .example", nullptr},
      {"https://a.example https://b.example", nullptr},
      {"null", nullptr},
      {"", nullptr},
      {"https://", nullptr},
      {"https:///path", nullptr},
      {"https:rp.example", nullptr},
      {"rp.example", nullptr},
      {"//rp.example", nullptr},
      {"ftp://rp.example", nullptr},
      {"file:///etc/passwd", nullptr},
      {"data:text/html,x", nullptr},
      {"blob:https://rp.example/9115d58c", nullptr},
      {"chrome-extension://abc/", nullptr},
      {"javascript://rp.example/%0a", nullptr},
  };
  for (const Case& c : cases) {
    const auto origin = canonical_origin(c.url);
    EXPECT_EQ(origin.has_value(), c.origin != nullptr) << c.url;
    if (origin && c.origin != nullptr) {
      EXPECT_EQ(*origin, c.origin) << c.url;
    }
  }
}

TEST(Origin, IsAtMostAsLongAsTheStoreTakes) {
  const std::string longest = "https://" + std::string(kRpBytesMax - 8, 'a');
  EXPECT_EQ(canonical_origin(longest), longest);
  EXPECT_FALSE(canonical_origin(longest + "a"));
  EXPECT_EQ(canonical_origin(longest + "/path"), longest);
}

class OriginLaws : public testing::TestWithParam<std::uint64_t> {};  // The parameter is the seed.

TEST_P(OriginLaws, CanonicalIsAFixedPointAndTheCheapTestAgrees) {
  std::mt19937_64 rng(GetParam());
  constexpr std::string_view kBytes = "aZ09.-:/@[]%?#_~ 4";
  for (int i = 0; i < 2000; ++i) {
    std::string url = rng() % 2 == 0 ? "https://" : "http://";
    for (std::size_t n = rng() % 12; n > 0; --n) url += kBytes[rng() % kBytes.size()];
    const auto origin = canonical_origin(url);
    if (is_canonical_origin(url)) {
      EXPECT_EQ(origin, url);
    }
    if (!origin) continue;
    EXPECT_EQ(canonical_origin(*origin), *origin) << url;
    EXPECT_EQ(canonical_origin(*origin + "/"), *origin) << url;  // Always by the long way.
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, OriginLaws, testing::Range<std::uint64_t>(0, 5));

}  // namespace
}  // namespace kpi::server
