// Reads back what the server writes: backend messages as (type, body) and their rows as text.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpi::server::pgwire {

struct WireMessage {
  char type = 0;
  std::string body;
};

// The whole messages that `bytes` begin with, at most `count`; they are taken off.
inline std::vector<WireMessage> take_messages(std::string& bytes, std::size_t count = SIZE_MAX) {
  std::vector<WireMessage> messages;
  while (bytes.size() >= 5 && messages.size() < count) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < 5; ++i) {
      length = (length << 8) | static_cast<unsigned char>(bytes[i]);
    }
    if (length < 4 || bytes.size() < length + 1) break;
    messages.push_back({bytes[0], bytes.substr(5, length - 4)});
    bytes.erase(0, length + 1);
  }
  return messages;
}

// The types alone: "TDDCZ".
inline std::string types_of(const std::vector<WireMessage>& messages) {
  std::string types;
  for (const WireMessage& message : messages) types += message.type;
  return types;
}

// The field of an error or notice; empty if it is not there.
inline std::string field_of(const WireMessage& message, char field) {
  for (std::size_t i = 0; i < message.body.size() && message.body[i] != '\0';) {
    const std::string text = message.body.c_str() + i + 1;
    if (message.body[i] == field) return text;
    i += text.size() + 2;
  }
  return {};
}

// The values of a DataRow; nothing is NULL.
inline std::vector<std::optional<std::string>> values_of(const WireMessage& row) {
  std::vector<std::optional<std::string>> values;
  for (std::size_t at = 2; at + 4 <= row.body.size();) {
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      size = (size << 8) | static_cast<unsigned char>(row.body[at + i]);
    }
    at += 4;
    if (size == 0xFFFFFFFF) {
      values.emplace_back(std::nullopt);
      continue;
    }
    values.emplace_back(row.body.substr(at, size));
    at += size;
  }
  return values;
}

inline std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((value >> shift) & 0xFF);
  return bytes;
}

// Messages as a client sends them.
inline std::string startup_packet(std::string_view parameters, std::uint32_t version = 196'608) {
  std::string packet = big_endian(static_cast<std::uint32_t>(parameters.size() + 8));
  packet += big_endian(version);
  packet += parameters;
  return packet;
}
inline std::string frontend_message(char type, std::string_view body) {
  std::string message(1, type);
  message += big_endian(static_cast<std::uint32_t>(body.size() + 4));
  message += body;
  return message;
}
inline std::string query_message(std::string_view text) {
  return frontend_message('Q', std::string(text) + '\0');
}

}  // namespace kpi::server::pgwire
