/* SPDX-License-Identifier: MIT */
/* From the wishes of a credential to the engine's configuration. */
#ifndef SCHANNEL_CRED_SETTINGS_H
#define SCHANNEL_CRED_SETTINGS_H

#include "cred/cred.h"

/* The default configuration of a role: everything that is spoken. */
void settings_default(struct tls_config *config, bool is_server);
/* SCHANNEL_CRED: keeps the suites whose algorithms are all listed. */
void settings_keep_algorithms(struct tls_config *config, const ALG_ID *algorithms, size_t count);
/* SCHANNEL_CRED: keeps the suites of a strength in bits; 0 = no bound. */
void settings_keep_strengths(struct tls_config *config, DWORD min_bits, DWORD max_bits);
/* CRYPTO_SETTINGS: takes out what matches. ERR_CRED_LIMIT for a malformed one. */
err settings_disable(struct tls_config *config, const CRYPTO_SETTINGS *setting) MUST_USE;
/* Whether any handshake is possible at all. */
bool settings_usable(const struct tls_config *config);

#endif
