// Erasing an RP, or one client of it, from a store that no server has open: the store is written
// anew without it, searched for what must be gone, and put in the old one's place.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "kpi/result.h"

namespace kpi {

struct EraseRequest {
  std::filesystem::path dir;                   // Of the store.
  std::string rp;                              // As stored. Empty: reports without an RP.
  std::optional<std::string> client = {};      // Only this one of its clients.
  std::optional<std::int64_t> before_ms = {};  // Only events before; else all.
  bool dry_run = false;  // Counts, changes nothing; also beside a running server.
  std::stop_token stop = {};
};

struct EraseReport {
  std::uint64_t events = 0;       // Raw events.
  std::uint64_t aged_events = 0;  // Of which only day figures were left.
  std::uint64_t cells = 0;        // Those figures.
  std::uint64_t documents = 0;
  std::vector<std::string> names = {};  // RPs and clients that nothing names any more.
  // The search of the new store, which is the only one left: files and stored values, byte by byte.
  std::uint64_t files_searched = 0, bytes_searched = 0, values_searched = 0;
  std::uint64_t names_not_searched = 0;  // Shorter than kErasedNameBytesSearched, or too many.
};

inline constexpr std::size_t kErasedNameBytesSearched = 6;  // Shorter ones occur by chance.
inline constexpr std::size_t kErasedNamesSearchedMax = 64;

// What stays answers every question as a store that never had the erased events: figures over all
// RPs are made anew, from raw events where there are some and else from the figures of the others.
// Minute figures of days without raw events go. A day whose raw events have aged out goes whole
// where `before_ms` cuts it. A document goes if an erased event has its very moment, if its text
// has an erased name, or if it is of an aged day on which there were erased events.
//
// All or nothing: an error, an interruption or a crash leaves the store as it was. Needs as much
// disk again meanwhile, in DIR.erasing; run again after a crash, it first removes what that left.
// kNotFound: no such RP or client. kBusy: open elsewhere. kCorruption: the search found something.
Result<EraseReport> erase(const EraseRequest& request);

}  // namespace kpi
