// POST /v1/token: tokens for the identity provider's own servers, to put into its config file.
#pragma once
#include "server/http/dispatcher.h"

namespace kpi::server {

inline constexpr std::size_t kTokenBatchMax = 1000;  // Of one answer.
inline constexpr std::size_t kTokenRequestBytesMax = 256;

void post_token(Loop& loop, const Exchange& exchange, const AnswerFrame& frame);

}  // namespace kpi::server
