// Stands in for the engine's documents and followers. Thread-safe.
#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "server/http/records.h"

namespace kpi::server {

class FakeRecords {
 public:
  RecordStore store() {
    return {[this]() -> Result<std::shared_ptr<const Documents>> {
              const std::lock_guard lock(mutex_);
              auto documents = std::make_shared<Snapshot>();
              documents->owner = this;
              documents->all = all_;
              return std::shared_ptr<const Documents>(std::move(documents));
            },
            [this](FollowRequest request) -> Result<std::unique_ptr<Follower>> {
              const std::lock_guard lock(mutex_);
              if (follow_error_) return *follow_error_;
              auto follower = std::make_unique<Watch>();
              follower->owner = this;
              follower->request = std::move(request);
              watches_.push_back(follower.get());
              changed_.notify_all();
              return std::unique_ptr<Follower>(std::move(follower));
            }};
  }

  // A record as the engine would have it; `with_document` false: another dialect's event.
  void add(std::int64_t time_ms, const std::string& text, bool with_document = true) {
    const std::lock_guard lock(mutex_);
    Document document{id_of(all_.size() + 1), time_ms, text};
    if (with_document) {
      const auto later = [](std::int64_t t, const Document& each) { return t < each.time_ms; };
      all_.insert(std::upper_bound(all_.begin(), all_.end(), time_ms, later), document);
    }
    for (Watch* watch : watches_) watch->offer(document, with_document);
  }
  static std::string id_of(std::size_t number) {
    const std::string digits = std::to_string(number);
    return std::string(32 - digits.size(), '0') + digits;
  }
  void fail_reads_from(std::size_t read) { fail_from_ = read; }
  void fail_follows(Error error) { follow_error_ = std::move(error); }
  void hold_reads(bool holding) {
    const std::lock_guard lock(mutex_);
    holding_ = holding;
    changed_.notify_all();
  }
  std::size_t reads() const { return reads_; }
  std::size_t documents_read() const { return documents_read_; }
  std::size_t reads_stopped() const { return stopped_; }
  std::size_t largest_read_bytes() const { return largest_read_bytes_; }
  void wait_for_watches(std::size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return watches_.size() == number; });
  }
  void wait_for_held_read() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_ != 0; });
  }
  void wait_for_no_held_read() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_ == 0; });
  }

 private:
  struct Snapshot final : Documents {
    Status for_each(TimeRange range, std::string_view after, std::stop_token stop,
                    const DocumentSink& sink) const override {
      if (Status status = owner->begin_read(stop); !status.ok()) return status;
      std::size_t bytes = 0;
      const auto same = [&](const Document& each) { return each.id == after; };
      const auto before = std::find_if(all.begin(), all.end(), same);
      for (auto each = after.empty() ? all.begin() : before + 1; each != all.end(); ++each) {
        if (!range.contains(each->time_ms)) continue;
        bytes += each->text.size();
        ++owner->documents_read_;
        if (!sink(*each)) break;
      }
      owner->largest_read_bytes_ = std::max<std::size_t>(owner->largest_read_bytes_, bytes);
      return ok_status();
    }
    Result<Document> find(std::string_view id) const override {
      for (const Document& each : all) {
        if (each.id == id) return each;
      }
      return Error{ErrorCode::kNotFound, "no such document"};
    }
    Result<std::optional<Document>> last() const override {
      return all.empty() ? std::optional<Document>() : all.back();
    }
    Result<std::uint64_t> count(std::stop_token stop) const override {
      if (Status status = owner->begin_read(stop); !status.ok()) return std::move(status).error();
      return all.size();
    }
    FakeRecords* owner = nullptr;
    std::vector<Document> all;
  };

  struct Watch final : Follower {
    ~Watch() override {
      const std::lock_guard lock(owner->mutex_);
      std::erase(owner->watches_, this);
      owner->changed_.notify_all();
    }
    void offer(const Document& document, bool with_document) {
      bytes += document.text.size();
      if (bytes > request.bytes_max) cut = true;
      if (cut) {
        waiting.clear();
      } else {
        waiting.push_back({document, with_document});
      }
      if (!told && request.on_events) request.on_events();
      told = true;
    }
    Result<std::size_t> take(const FollowSink& sink) override {
      const std::lock_guard lock(owner->mutex_);
      told = false;
      if (cut) return Error{ErrorCode::kUnavailable, "fell behind"};
      std::size_t taken = 0;
      while (taken < waiting.size()) {
        const auto& [document, with_document] = waiting[taken++];
        bytes -= document.text.size();
        Event event;
        event.time_ms = document.time_ms;
        if (!sink(event, with_document ? &document : nullptr)) break;
      }
      waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(taken));
      return taken;
    }
    FakeRecords* owner = nullptr;
    FollowRequest request;
    std::vector<std::pair<Document, bool>> waiting;
    std::size_t bytes = 0;
    bool told = false, cut = false;
  };

  Status begin_read(const std::stop_token& stop) {
    if (++reads_ >= fail_from_) return Error{ErrorCode::kCorruption, "damaged"};
    std::unique_lock lock(mutex_);
    const std::stop_callback wake(stop, [this] { changed_.notify_all(); });
    ++held_;
    changed_.notify_all();
    // The stop may come between its check and the wait: looked at again and again.
    while (holding_ && !stop.stop_requested()) {
      changed_.wait_for(lock, std::chrono::milliseconds(5));
    }
    --held_;
    changed_.notify_all();
    if (!stop.stop_requested()) return ok_status();
    ++stopped_;
    return Error{ErrorCode::kCanceled, "stopped"};
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Document> all_;
  std::vector<Watch*> watches_;
  std::optional<Error> follow_error_;
  bool holding_ = false;
  std::size_t held_ = 0;
  std::atomic<std::size_t> reads_{0}, stopped_{0}, largest_read_bytes_{0};
  std::atomic<std::size_t> documents_read_{0};
  std::atomic<std::size_t> fail_from_{SIZE_MAX};
};

}  // namespace kpi::server
