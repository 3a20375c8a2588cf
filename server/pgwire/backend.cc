#include "server/pgwire/backend.h"

#include <array>

#include "kpi/assert.h"
#include "server/pgwire/wire_types.h"

namespace kpi::server::pgwire {
namespace {

void append_u16(std::string& out, std::size_t value) {
  out += static_cast<char>((value >> 8) & 0xFF);
  out += static_cast<char>(value & 0xFF);
}

void append_u32(std::string& out, std::uint32_t value) {
  const char bytes[4] = {static_cast<char>(value >> 24), static_cast<char>((value >> 16) & 0xFF),
                         static_cast<char>((value >> 8) & 0xFF), static_cast<char>(value & 0xFF)};
  out.append(bytes, sizeof(bytes));
}

void append_string(std::string& out, std::string_view text) {
  out += text.substr(0, text.find('\0'));
  out += '\0';
}

// One message: the length is filled in when the scope ends.
class Frame {
 public:
  Frame(std::string& out, char type) : out_(out) {
    out_ += type;
    begin_ = out_.size();
    append_u32(out_, 0);
  }
  ~Frame() { patch(begin_, out_.size() - begin_); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  void patch(std::size_t offset, std::size_t value) {
    for (std::size_t i = 0; i < 4; ++i) {
      out_[offset + i] = static_cast<char>((value >> (24 - 8 * i)) & 0xFF);
    }
  }

 private:
  std::string& out_;
  std::size_t begin_ = 0;
};

std::string_view severity_name(Severity severity) {
  static constexpr std::array<std::string_view, 4> kNames = {"NOTICE", "WARNING", "ERROR", "FATAL"};
  return kNames[static_cast<std::size_t>(severity)];
}

void append_field(std::string& out, char field, std::string_view text) {
  out += field;
  append_string(out, text);
}

}  // namespace

void append_authentication_ok(std::string& out) {
  const Frame frame(out, 'R');
  append_u32(out, 0);
}

void append_parameter_status(std::string& out, std::string_view name, std::string_view value) {
  const Frame frame(out, 'S');
  append_string(out, name);
  append_string(out, value);
}

void append_backend_key_data(std::string& out, std::uint32_t process_id, std::uint32_t secret_key) {
  const Frame frame(out, 'K');
  append_u32(out, process_id);
  append_u32(out, secret_key);
}

void append_negotiate_protocol_version(std::string& out,
                                       const std::vector<std::string_view>& unknown_options) {
  const Frame frame(out, 'v');
  append_u32(out, 0);
  append_u32(out, static_cast<std::uint32_t>(unknown_options.size()));
  for (const std::string_view option : unknown_options) append_string(out, option);
}

void append_ready_for_query(std::string& out, TransactionStatus status) {
  const Frame frame(out, 'Z');
  out += static_cast<char>(status);
}

void append_row_description(std::string& out, const std::vector<query::Column>& columns,
                            const Formats& formats) {
  const Frame frame(out, 'T');
  append_u16(out, columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const WireType type = wire_type(columns[c].type);
    append_string(out, columns[c].name);
    append_u32(out, 0);  // No table
    append_u16(out, 0);  // and no column of one.
    append_u32(out, type.oid);
    append_u16(out, type.size);
    append_u32(out, 0xFFFFFFFF);  // No type modifier.
    append_u16(out, !formats.empty() && formats[c] ? 1 : 0);
  }
}

void append_data_row(std::string& out, const std::vector<query::Column>& columns,
                     const std::vector<query::Value>& row, const Formats& formats) {
  KPI_ASSERT(row.size() == columns.size());
  Frame frame(out, 'D');
  append_u16(out, row.size());
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (std::holds_alternative<std::monostate>(row[c])) {
      append_u32(out, 0xFFFFFFFF);
      continue;
    }
    const std::size_t begin = out.size();
    append_u32(out, 0);
    if (!formats.empty() && formats[c]) {
      append_binary(out, row[c], columns[c].type);
    } else if (const auto* text = std::get_if<std::string>(&row[c])) {
      out += *text;
    } else {
      out += query::to_text(row[c], columns[c].type);
    }
    frame.patch(begin, out.size() - begin - 4);
  }
}

void append_command_complete(std::string& out, std::string_view tag) {
  const Frame frame(out, 'C');
  append_string(out, tag);
}

void append_empty_query_response(std::string& out) { const Frame frame(out, 'I'); }

void append_signal(std::string& out, Signal signal) {
  const Frame frame(out, static_cast<char>(signal));
}

void append_parameter_description(std::string& out, const std::vector<std::uint32_t>& oids) {
  const Frame frame(out, 't');
  append_u16(out, oids.size());
  for (const std::uint32_t type : oids) append_u32(out, type);
}

void append_copy_out_response(std::string& out, std::size_t columns) {
  const Frame frame(out, 'H');
  out += '\0';
  append_u16(out, columns);
  for (std::size_t c = 0; c < columns; ++c) append_u16(out, 0);
}

void append_copy_data(std::string& out, std::string_view data) {
  const Frame frame(out, 'd');
  out += data;
}

void append_diagnostic(std::string& out, const Diagnostic& diagnostic) {
  const Frame frame(out, diagnostic.severity >= Severity::kError ? 'E' : 'N');
  append_field(out, 'S', severity_name(diagnostic.severity));
  append_field(out, 'V', severity_name(diagnostic.severity));
  append_field(out, 'C', diagnostic.sqlstate);
  append_field(out, 'M', diagnostic.message);
  if (!diagnostic.hint.empty()) append_field(out, 'H', diagnostic.hint);
  if (diagnostic.position != 0) append_field(out, 'P', std::to_string(diagnostic.position));
  out += '\0';
}

}  // namespace kpi::server::pgwire
