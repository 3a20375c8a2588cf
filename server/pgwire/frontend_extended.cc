#include "server/pgwire/frontend_extended.h"

namespace kpi::server::pgwire {
namespace {

constexpr std::uint32_t kNullLength = 0xFFFFFFFF;

// Takes fields off the front. After the first that is not there, all are empty.
class Fields {
 public:
  explicit Fields(std::string_view body) : rest_(body) {}

  std::string_view text() {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) return fail();
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::string_view bytes(std::size_t size) {
    if (rest_.size() < size) return fail();
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint32_t u16() { return number(2); }
  std::uint32_t u32() { return number(4); }
  std::vector<std::int16_t> formats() {
    std::vector<std::int16_t> formats;
    for (std::uint32_t left = u16(); left > 0 && ok_; --left) {
      formats.push_back(static_cast<std::int16_t>(u16()));
    }
    return formats;
  }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view fail() {
    ok_ = false;
    rest_ = {};
    return {};
  }
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (const char byte : bytes(size)) value = (value << 8) | static_cast<unsigned char>(byte);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

template <class Message>
Result<Message> finished(const Fields& fields, Message message, const char* name) {
  if (fields.done()) return message;
  return Error{ErrorCode::kInvalidArgument,
               std::string(fields.ok() ? "bytes behind the end of the " : "too few bytes in the ") +
                   name + " message"};
}

}  // namespace

Result<ParseMessage> decode_parse(std::string_view body) {
  Fields fields(body);
  ParseMessage message;
  message.statement = fields.text();
  message.text = fields.text();
  for (std::uint32_t left = fields.u16(); left > 0 && fields.ok(); --left) {
    message.parameter_oids.push_back(fields.u32());
  }
  return finished(fields, std::move(message), "Parse");
}

Result<BindMessage> decode_bind(std::string_view body) {
  Fields fields(body);
  BindMessage message;
  message.portal = fields.text();
  message.statement = fields.text();
  message.parameter_formats = fields.formats();
  for (std::uint32_t left = fields.u16(); left > 0 && fields.ok(); --left) {
    const std::uint32_t size = fields.u32();
    if (size == kNullLength) {
      message.parameters.emplace_back(std::nullopt);
    } else {
      message.parameters.emplace_back(fields.bytes(size));
    }
  }
  message.result_formats = fields.formats();
  return finished(fields, std::move(message), "Bind");
}

Result<TargetMessage> decode_target(std::string_view body) {
  Fields fields(body);
  const std::string_view kind = fields.bytes(1);
  TargetMessage message{kind == "P", fields.text()};
  if (fields.ok() && kind != "P" && kind != "S") {
    return Error{ErrorCode::kInvalidArgument,
                 "neither a statement (S) nor a portal (P) is meant by the message"};
  }
  return finished(fields, message, "Describe or Close");
}

Result<ExecuteMessage> decode_execute(std::string_view body) {
  Fields fields(body);
  ExecuteMessage message;
  message.portal = fields.text();
  message.rows_max = fields.u32();
  // As PostgreSQL: a number that is not positive asks for all rows.
  if (message.rows_max > 0x7FFFFFFF) message.rows_max = 0;
  return finished(fields, message, "Execute");
}

}  // namespace kpi::server::pgwire
