// The server's certificate and key, from their files; loaded again while the server runs.
#pragma once
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
#include <string>

#include "kpi/result.h"

namespace kpi::server::pgwire {

struct TlsIdentity {
  TlsIdentity() : context(boost::asio::ssl::context::tls_server) {}
  boost::asio::ssl::context context;  // TLS 1.2 and 1.3, no client certificates.
  // Hash of the certificate (RFC 5929, tls-server-end-point); empty: its signature has no hash.
  std::string end_point;
};

// `certificate_path`: PEM, with the chain behind the server's own. `key_path`: PEM, without a
// passphrase, not readable by others. Errors name the file: kIo, kPermissionDenied,
// kInvalidArgument (no certificate, no key, or not of each other).
Result<std::shared_ptr<TlsIdentity>> load_tls_identity(const std::string& certificate_path,
                                                       const std::string& key_path);

// What new connections are greeted with. Thread-safe.
class TlsSource {
 public:
  static Result<std::unique_ptr<TlsSource>> open(std::string certificate_path,
                                                 std::string key_path);
  Status reload();  // On error the old one stays.
  std::shared_ptr<TlsIdentity> current() const;

 private:
  TlsSource(std::string certificate_path, std::string key_path);

  const std::string certificate_path_, key_path_;
  mutable std::mutex mutex_;
  std::shared_ptr<TlsIdentity> current_;
};

}  // namespace kpi::server::pgwire
