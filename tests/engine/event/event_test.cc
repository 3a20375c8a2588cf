#include "kpi/event.h"

#include <gtest/gtest.h>

namespace kpi {
namespace {

TEST(ErrorNames, CollidingCodesAreKeptApartByDialect) {
  EXPECT_EQ(error_name({Dialect::kFedcm, 301}), "fedcm.user_failure");
  EXPECT_EQ(error_name({Dialect::kChrome, 301}), "chrome.idp_server_unavailable");
  EXPECT_EQ(error_class({Dialect::kFedcm, 301}), ErrorClass::kUser);
  EXPECT_EQ(error_class({Dialect::kChrome, 301}), ErrorClass::kIdp);
}

TEST(ErrorNames, UnknownCodesKeepNumberAndClass) {
  EXPECT_EQ(error_name({Dialect::kChrome, 477}), "chrome.477");
  EXPECT_EQ(error_class({Dialect::kChrome, 477}), ErrorClass::kIdp);
  EXPECT_EQ(error_class({Dialect::kFedcm, 277}), ErrorClass::kRp);
  EXPECT_EQ(error_class({Dialect::kFedcm, 900}), ErrorClass::kOther);
}

TEST(ErrorNames, EveryNameParsesBack) {
  for (const Dialect dialect : {Dialect::kFedcm, Dialect::kChrome, Dialect::kBrowserid}) {
    for (std::uint32_t code = 0; code < 1000; ++code) {
      const ErrorId id{dialect, code};
      EXPECT_EQ(parse_error_name(error_name(id)), id) << error_name(id);
    }
  }
}

TEST(ErrorNames, OtherTextIsNoError) {
  for (const char* text : {"", ".", "fedcm", "fedcm.", "fedcm.x", ".101", "chrome.1x", "opera.1",
                           "chrome.-1", "chrome.16777216"}) {
    EXPECT_FALSE(parse_error_name(text)) << text;
  }
  EXPECT_TRUE(parse_error_name("chrome.16777215"));
}

TEST(EventKind, PacksAndValidates) {
  const EventKind kind(Outcome::kFailure, UiShown::kYes, {Dialect::kChrome, 402});
  EXPECT_EQ(kind.outcome(), Outcome::kFailure);
  EXPECT_EQ(kind.ui_shown(), UiShown::kYes);
  EXPECT_EQ(kind.error(), (ErrorId{Dialect::kChrome, 402}));
  EXPECT_TRUE(kind.valid());
  EXPECT_EQ(EventKind::from_packed(kind.packed()), kind);
  EXPECT_FALSE(EventKind(Outcome::kSuccess, UiShown::kYes, {Dialect::kChrome, 402}).valid());
  EXPECT_FALSE(EventKind::from_packed(3).valid());
  EXPECT_FALSE(EventKind::from_packed(0xF0000008).valid());
}

}  // namespace
}  // namespace kpi
