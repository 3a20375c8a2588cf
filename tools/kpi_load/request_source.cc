#include "tools/kpi_load/request_source.h"

#include <algorithm>
#include <array>

#include "tools/kpi_load/file_source.h"

namespace kpi::load {
namespace {

constexpr std::uint32_t kReportsABatchMax = 8;
constexpr double kReportsABatchMean = (1.0 + kReportsABatchMax) / 2;

WeightedChoice choice_of(const std::vector<MixShare>& mix) {
  std::vector<double> weights;
  for (const MixShare& share : mix) {  // Shares are of reports, draws are of requests.
    const bool batches = share.form == Form::kReporting;
    weights.push_back(batches ? share.weight / kReportsABatchMean : share.weight);
  }
  return WeightedChoice(weights);
}

// One request at a time, in all forms.
class GeneratedSource final : public RequestSource {
 public:
  GeneratedSource(const Options& options, std::int64_t now_ms)
      : options_(options),
        now_ms_(now_ms),
        left_(options.events),
        choice_(choice_of(options.mix)),
        population_({options.seed, options.rps, now_ms, options.days}) {}

  std::optional<Request> next() override {
    if (left_ == 0) return std::nullopt;
    Request request = build(options_.mix[choice_.draw(population_.random())].form);
    left_ -= request.events;
    return request;
  }
  std::uint64_t events_total() const override { return options_.events; }

 private:
  Request build(Form form) {
    Request request;
    request.form = form;
    if (form == Form::kReporting) return build_reporting(std::move(request));
    const bool timed = form == Form::kNdjson || form == Form::kBrowserid;
    const Attempt attempt = timed ? population_.next() : population_.next_now();
    if (form == Form::kBrowserid) return build_browserid(std::move(request), attempt);
    std::string origin = rp_origin(attempt.rp);
    if (form == Form::kFedcm) append_fedcm_body(request.own_body, attempt);
    if (form == Form::kChrome) {
      append_chrome_body(request.own_body, attempt);
      if (!attempt.success) origin = "null";
    }
    if (form == Form::kNdjson) {
      origin.clear();
      request.first_id = options_.acks.empty() ? -1 : next_id();
      append_ndjson_line(request.own_body, attempt, request.first_id);
    }
    request.head = request_head(form, form == Form::kChrome, origin, request.own_body.size());
    return request;
  }

  Request build_reporting(Request request) {
    std::array<Attempt, kReportsABatchMax> attempts;
    const std::uint64_t wanted = 1 + population_.random().below(kReportsABatchMax);
    request.events = static_cast<std::uint32_t>(std::min(wanted, left_));
    for (std::uint32_t i = 0; i < request.events; ++i) attempts[i] = population_.next_now();
    for (std::uint32_t i = 1; i < request.events; ++i) {  // A batch is of one page.
      attempts[i].rp = attempts[0].rp;
      attempts[i].client = attempts[0].client;
    }
    append_reporting_body(request.own_body, {attempts.data(), request.events}, now_ms_,
                          population_.random());
    request.head =
        request_head(request.form, false, rp_origin(attempts[0].rp), request.own_body.size());
    return request;
  }

  Request build_browserid(Request request, const Attempt& attempt) {
    const bool form_encoded = population_.random().chance(0.5);
    std::string record;
    append_browserid_record(record, attempt, population_.random());
    request.own_body = form_encoded ? "data=" + url_encode(record)
                                    : "{\"data\":[" + record + "],\"csrf\":\"vN9xQe5s1Jk=\"}";
    request.head = request_head(request.form, form_encoded, "", request.own_body.size());
    return request;
  }

  std::int64_t next_id() {
    return options_.first_id + static_cast<std::int64_t>(options_.events - left_);
  }

  const Options options_;
  const std::int64_t now_ms_;
  std::uint64_t left_;
  WeightedChoice choice_;
  Population population_;
};

// Batches of NDJSON lines. Distinct bodies are built once and sent in turn; with ids every body is
// distinct, so they are built as they go.
class BatchSource final : public RequestSource {
 public:
  BatchSource(const Options& options, std::int64_t now_ms)
      : options_(options),
        left_(options.events),
        population_({options.seed, options.rps, now_ms, options.days}) {
    if (!options.acks.empty()) return;
    const std::uint64_t needed = (options.events + options.ndjson_batch - 1) / options.ndjson_batch;
    bodies_.resize(std::min<std::uint64_t>(needed, options.bodies));
    for (std::string& body : bodies_) append_lines(body, options.ndjson_batch, -1);
  }

  std::optional<Request> next() override {
    if (left_ == 0) return std::nullopt;
    Request request;
    request.events =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(left_, options_.ndjson_batch));
    if (bodies_.empty()) {
      request.first_id = options_.first_id + static_cast<std::int64_t>(options_.events - left_);
    }
    if (bodies_.empty() || request.events < options_.ndjson_batch) {
      append_lines(request.own_body, request.events, request.first_id);
    } else {
      request.shared_body = bodies_[turn_++ % bodies_.size()];
    }
    left_ -= request.events;
    request.head = request_head(request.form, false, "", request.body().size());
    return request;
  }
  std::uint64_t events_total() const override { return options_.events; }

 private:
  void append_lines(std::string& body, std::uint32_t lines, std::int64_t first_id) {
    for (std::uint32_t i = 0; i < lines; ++i) {
      append_ndjson_line(body, population_.next(), first_id < 0 ? -1 : first_id + i);
    }
  }

  const Options options_;
  std::uint64_t left_;
  std::size_t turn_ = 0;
  Population population_;
  std::vector<std::string> bodies_;
};

}  // namespace

Result<std::unique_ptr<RequestSource>> make_request_source(const Options& options,
                                                           std::int64_t now_ms) {
  if (!options.file.empty()) return make_file_source(options.file, options.ndjson_batch);
  if (options.ndjson_batch > 1) {
    return std::unique_ptr<RequestSource>(std::make_unique<BatchSource>(options, now_ms));
  }
  return std::unique_ptr<RequestSource>(std::make_unique<GeneratedSource>(options, now_ms));
}

}  // namespace kpi::load
