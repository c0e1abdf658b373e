/* SPDX-License-Identifier: MIT */
#include "excuses.h"

static const struct {
    err reason;
    unsigned on;
    const char *why;
} excuses[] = {
    {ERR_RECORD_NO_CONTENT_TYPE, TLS12, "TLS 1.2 has no inner content type"},
    {ERR_RECORD_EPOCH, TLS12,
     "the only key change lies behind change_cipher_spec, which no message may straddle"},
    {ERR_CCS_FLOOD, TLS12, "each one too many is ERR_CCS_UNEXPECTED"},
    {ERR_SEQUENCE_EXHAUSTED, ALL, "2^64 records do not fit into a test"},
    {ERR_ILLEGAL_VALUE, TLS12, "every fixed value of TLS 1.2 has a reason of its own"},
    {ERR_HELLO_SUITE, CLIENTS, "a server's finding"},
    {ERR_HELLO_GROUP, CLIENTS, "a server's finding"},
    {ERR_HELLO_NO_CERTIFICATE, CLIENTS, "a server's finding"},
    {ERR_HELLO_COMPRESSION, S12, "a client may list what it likes beside null"},
    {ERR_HELLO_NO_NULL_COMPRESSION, CLIENTS, "a server's finding"},
    {ERR_HELLO_UNSOLICITED_EXTENSION, S12, "clients answer nothing in TLS 1.2"},
    {ERR_HELLO_MISSING_EXTENSION, TLS12, "TLS 1.2 demands none"},
    {ERR_HELLO_SUITE_NOT_OFFERED, SERVERS, "a client's finding"},
    {ERR_HELLO_SUITE_CHANGED, C12 | SERVERS, "only after HelloRetryRequest, in a client"},
    {ERR_HELLO_SESSION_ID, SERVERS, "a client's finding"},
    {ERR_HELLO_DOWNGRADE, C13 | SERVERS, "found by a client that was given TLS 1.2"},
    {ERR_HELLO_FALLBACK, CLIENTS | S13, "found by a server that was given TLS 1.2"},
    {ERR_HELLO_RETRY_NO_CHANGE, C12 | SERVERS, "only after HelloRetryRequest, in a client"},
    {ERR_HELLO_CHANGED, S12 | CLIENTS, "only after HelloRetryRequest, in a server"},
    {ERR_HELLO_GROUP_NOT_OFFERED, SERVERS, "a client's finding"},
    {ERR_HELLO_POINT_FORMAT, TLS13, "TLS 1.3 passes over the extension"},
    {ERR_HELLO_SERVER_NAME, CLIENTS, "a server's finding"},
    {ERR_ALPN_NONE_IN_COMMON, CLIENTS, "a server's finding"},
    {ERR_ALPN_INVALID, SERVERS, "a client's finding"},
    {ERR_RENEGOTIATION_INFO, TLS13, "TLS 1.3 has no renegotiation"},
    {ERR_PSK_MODE, CLIENTS | S12, "an offer of TLS 1.3 clients"},
    {ERR_CERT_EMPTY, SERVERS, "a client may have none, or it is ERR_CERT_REQUIRED"},
    {ERR_CERT_REQUIRED, CLIENTS, "a server's finding"},
    {ERR_CERT_KEY_TYPE, S12 | TLS13, "only suites of TLS 1.2 name the server's kind of key"},
    {ERR_KEY_UPDATE_VALUE, TLS12, "TLS 1.2 has no KeyUpdate"},
};

unsigned excused_on(err reason)
{
    unsigned on = 0;
    for (size_t i = 0; i < ARRAY_LEN(excuses); i++) {
        if (excuses[i].reason == reason)
            on |= excuses[i].on;
    }
    return on;
}
