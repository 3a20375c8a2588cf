#include "server/pgwire/tls_identity.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace kpi::server::pgwire {
namespace {

namespace ssl = boost::asio::ssl;
using Code = boost::system::error_code;

Status check_key_file(const std::string& path) {
  struct stat file;
  if (::stat(path.c_str(), &file) != 0) {
    return Error{ErrorCode::kIo, "TLS key '" + path + "': " + std::strerror(errno)};
  }
  if ((file.st_mode & (S_IROTH | S_IWOTH)) == 0) return ok_status();
  return Error{ErrorCode::kPermissionDenied,
               "TLS key '" + path + "' may be read or written by others",
               "chmod 0600, or 0640 with the server's group"};
}

// RFC 5929: the hash of the certificate's signature; SHA-256 where that is MD5 or SHA-1.
std::string end_point_of(SSL_CTX* context) {
  X509* const certificate = SSL_CTX_get0_certificate(context);
  int digest_id = NID_undef;
  if (certificate == nullptr ||
      X509_get_signature_info(certificate, &digest_id, nullptr, nullptr, nullptr) != 1) {
    return {};
  }
  if (digest_id == NID_md5 || digest_id == NID_sha1) digest_id = NID_sha256;
  const EVP_MD* const digest = EVP_get_digestbynid(digest_id);
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (digest == nullptr || X509_digest(certificate, digest, hash, &size) != 1) return {};
  return {reinterpret_cast<const char*>(hash), size};
}

void harden(ssl::context& context) {
  SSL_CTX* const native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
}

}  // namespace

Result<std::shared_ptr<TlsIdentity>> load_tls_identity(const std::string& certificate_path,
                                                       const std::string& key_path) {
  auto identity = std::make_shared<TlsIdentity>();
  ssl::context& context = identity->context;
  harden(context);
  Code error;
  // Without this OpenSSL would ask at the terminal.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; },
                                error);
  context.use_certificate_chain_file(certificate_path, error);
  if (error) {
    return Error{ErrorCode::kInvalidArgument,
                 "TLS certificate '" + certificate_path + "': " + error.message(),
                 "a PEM file is expected, the server's certificate first"};
  }
  if (Status status = check_key_file(key_path); !status.ok()) return std::move(status).error();
  context.use_private_key_file(key_path, ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(context.native_handle()) != 1) {
    return Error{ErrorCode::kInvalidArgument,
                 "TLS key '" + key_path +
                     "': " + (error ? error.message() : "it does not belong to the certificate"),
                 "a PEM file without a passphrase is expected, the certificate's own key"};
  }
  identity->end_point = end_point_of(context.native_handle());
  return identity;
}

TlsSource::TlsSource(std::string certificate_path, std::string key_path)
    : certificate_path_(std::move(certificate_path)), key_path_(std::move(key_path)) {}

Result<std::unique_ptr<TlsSource>> TlsSource::open(std::string certificate_path,
                                                   std::string key_path) {
  std::unique_ptr<TlsSource> source(
      new TlsSource(std::move(certificate_path), std::move(key_path)));
  if (Status status = source->reload(); !status.ok()) return std::move(status).error();
  return source;
}

Status TlsSource::reload() {
  auto loaded = load_tls_identity(certificate_path_, key_path_);
  if (!loaded.ok()) return std::move(loaded).error();
  const std::lock_guard lock(mutex_);
  current_ = std::move(loaded).value();
  return ok_status();
}

std::shared_ptr<TlsIdentity> TlsSource::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace kpi::server::pgwire
