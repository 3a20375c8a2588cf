// How much speaks for an event: kept with it as label `trust`, where the operator has asked for any
// of what decides it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kpi::server {

inline constexpr std::string_view kTrustLabel = "trust";  // No report and no URL can set it.

enum class Trust : std::uint8_t {
  kUnasked,  // Nothing decides it: no label.
  kLow,      // Anybody could have sent it.
  kNative,   // Says that a browser's FedCM sent it: web pages cannot, other programs can.
  kToken,    // Came with a token of ours.
};
// Empty for kUnasked.
constexpr std::string_view to_string(Trust trust) {
  constexpr std::string_view kNames[] = {"", "low", "native", "token"};
  return kNames[static_cast<std::size_t>(trust)];
}

}  // namespace kpi::server
