/* SPDX-License-Identifier: MIT */
/*
 * Alerts: the one switch that says which alert a reason owes, names, and what a received alert
 * means (RFC 8446 6, RFC 5246 7.2).
 */
#include "tls/alert.h"

#include "tls/internal.h"

/* One line holds several labels, so that the whole table fits on a screen. */
/* clang-format off */
int tls_alert_of(err reason)
{
    switch (reason) {
    case OK:
    case ERR_RECORD_GARBAGE: /* the peer does not speak TLS */
    case ERR_ALERT_RECEIVED: case ERR_OUTPUT_TOO_SMALL:
    case ERR_ARGUMENT: case ERR_WRONG_STATE: case ERR_DEAD: case ERR_CLOSED:
    case ERR_SEQUENCE_EXHAUSTED: case ERR_MESSAGE_TOO_LARGE: case ERR_NOT_AVAILABLE:
    case ERR_NONE_SENT: case ERR_CRED_VERSION:
    case ERR_CRED_BAD_CERTIFICATE: case ERR_CRED_NO_PROTOCOL: case ERR_CRED_LIMIT:
    case ERR_KEY_DATA: case ERR_KEY_EXISTS: case ERR_KEY_NOT_FOUND:
    case ERR_KEY_PERMISSION: case ERR_COUNT:
        return ALERT_NONE;
    case ERR_INTERNAL: case ERR_NO_MEMORY: case ERR_UNSUPPORTED: case ERR_CRYPTO: case ERR_RANDOM:
        return ALERT_INTERNAL_ERROR;
    case ERR_RECORD_TYPE: case ERR_RECORD_NO_CONTENT_TYPE: case ERR_RECORD_EMPTY:
    case ERR_RECORD_EPOCH: case ERR_RECORD_INTERLEAVED: case ERR_RECORD_NOT_ALIGNED:
    case ERR_EMPTY_RECORD_FLOOD: case ERR_WARNING_ALERT_FLOOD: case ERR_CCS_VALUE:
    case ERR_CCS_UNEXPECTED: case ERR_CCS_FLOOD: case ERR_APPLICATION_DATA_EARLY:
    case ERR_UNEXPECTED_MESSAGE: case ERR_MESSAGE_TOO_LONG:
    case ERR_POST_HANDSHAKE_FLOOD:
        return ALERT_UNEXPECTED_MESSAGE;
    case ERR_RECORD_BAD_MAC: case ERR_RECORD_TOO_SHORT:
        return ALERT_BAD_RECORD_MAC;
    case ERR_RECORD_OVERFLOW:
        return ALERT_RECORD_OVERFLOW;
    case ERR_RECORD_VERSION: case ERR_HELLO_VERSION:
        return ALERT_PROTOCOL_VERSION;
    case ERR_HELLO_SUITE: case ERR_HELLO_GROUP: case ERR_HELLO_SIGNATURE_SCHEME:
    case ERR_HELLO_NO_CERTIFICATE: case ERR_CRED_NO_CERTIFICATE: case ERR_RENEGOTIATION_INFO:
        return ALERT_HANDSHAKE_FAILURE;
    case ERR_ALERT_MALFORMED: case ERR_DECODE: case ERR_CERT_EMPTY:
        return ALERT_DECODE_ERROR;
    case ERR_ALERT_LEVEL: case ERR_ILLEGAL_VALUE: case ERR_HELLO_COMPRESSION:
    case ERR_HELLO_NO_NULL_COMPRESSION: case ERR_HELLO_DUPLICATE_EXTENSION:
    case ERR_HELLO_EXTENSION_FORBIDDEN: case ERR_HELLO_SUITE_NOT_OFFERED:
    case ERR_HELLO_SUITE_CHANGED: case ERR_HELLO_SESSION_ID: case ERR_HELLO_DOWNGRADE:
    case ERR_HELLO_RETRY_NO_CHANGE: case ERR_HELLO_CHANGED:
    case ERR_HELLO_GROUP_NOT_OFFERED: case ERR_HELLO_POINT_FORMAT: case ERR_HELLO_SERVER_NAME:
    case ERR_KEY_SHARE: case ERR_ALPN_INVALID: case ERR_PSK_MODE: case ERR_CERT_KEY_TYPE:
    case ERR_CERT_KEY_USAGE: case ERR_SIGNATURE_SCHEME: case ERR_KEY_UPDATE_VALUE:
        return ALERT_ILLEGAL_PARAMETER;
    case ERR_HELLO_FALLBACK:
        return ALERT_INAPPROPRIATE_FALLBACK;
    case ERR_HELLO_UNSOLICITED_EXTENSION:
        return ALERT_UNSUPPORTED_EXTENSION;
    case ERR_HELLO_MISSING_EXTENSION:
        return ALERT_MISSING_EXTENSION;
    case ERR_ALPN_NONE_IN_COMMON:
        return ALERT_NO_APPLICATION_PROTOCOL;
    case ERR_CERT_REQUIRED:
        return ALERT_CERTIFICATE_REQUIRED;
    case ERR_CERT_PARSE: case ERR_CERT_BAD_SIGNATURE:
        return ALERT_BAD_CERTIFICATE;
    case ERR_CERT_KEY: case ERR_CERT_KEY_SIZE:
        return ALERT_UNSUPPORTED_CERTIFICATE;
    case ERR_CERT_UNTRUSTED_ROOT:
        return ALERT_UNKNOWN_CA;
    case ERR_CERT_EXPIRED:
        return ALERT_CERTIFICATE_EXPIRED;
    case ERR_CERT_REVOKED:
        return ALERT_CERTIFICATE_REVOKED;
    case ERR_CERT_WRONG_NAME: case ERR_CERT_WRONG_USAGE: case ERR_CERT_NO_REVOCATION_CHECK:
    case ERR_CERT_REVOCATION_OFFLINE: case ERR_CERT_UNKNOWN:
        return ALERT_CERTIFICATE_UNKNOWN;
    case ERR_SIGNATURE: case ERR_FINISHED_MISMATCH:
        return ALERT_DECRYPT_ERROR;
    }
    return ALERT_INTERNAL_ERROR;
}
/* clang-format on */

const char *tls_alert_name(unsigned alert)
{
    static const struct {
        unsigned number;
        const char *name;
    } names[] = {
        {ALERT_CLOSE_NOTIFY, "close_notify"},
        {ALERT_UNEXPECTED_MESSAGE, "unexpected_message"},
        {ALERT_BAD_RECORD_MAC, "bad_record_mac"},
        {21, "decryption_failed"},
        {ALERT_RECORD_OVERFLOW, "record_overflow"},
        {30, "decompression_failure"},
        {ALERT_HANDSHAKE_FAILURE, "handshake_failure"},
        {41, "no_certificate"},
        {ALERT_BAD_CERTIFICATE, "bad_certificate"},
        {ALERT_UNSUPPORTED_CERTIFICATE, "unsupported_certificate"},
        {ALERT_CERTIFICATE_REVOKED, "certificate_revoked"},
        {ALERT_CERTIFICATE_EXPIRED, "certificate_expired"},
        {ALERT_CERTIFICATE_UNKNOWN, "certificate_unknown"},
        {ALERT_ILLEGAL_PARAMETER, "illegal_parameter"},
        {ALERT_UNKNOWN_CA, "unknown_ca"},
        {ALERT_ACCESS_DENIED, "access_denied"},
        {ALERT_DECODE_ERROR, "decode_error"},
        {ALERT_DECRYPT_ERROR, "decrypt_error"},
        {60, "export_restriction"},
        {ALERT_PROTOCOL_VERSION, "protocol_version"},
        {ALERT_INSUFFICIENT_SECURITY, "insufficient_security"},
        {ALERT_INTERNAL_ERROR, "internal_error"},
        {ALERT_INAPPROPRIATE_FALLBACK, "inappropriate_fallback"},
        {ALERT_USER_CANCELED, "user_canceled"},
        {ALERT_NO_RENEGOTIATION, "no_renegotiation"},
        {ALERT_MISSING_EXTENSION, "missing_extension"},
        {ALERT_UNSUPPORTED_EXTENSION, "unsupported_extension"},
        {ALERT_UNRECOGNIZED_NAME, "unrecognized_name"},
        {ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "bad_certificate_status_response"},
        {ALERT_UNKNOWN_PSK_IDENTITY, "unknown_psk_identity"},
        {ALERT_CERTIFICATE_REQUIRED, "certificate_required"},
        {ALERT_NO_APPLICATION_PROTOCOL, "no_application_protocol"},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (names[i].number == alert)
            return names[i].name;
    }
    return "unknown";
}

/* RFC 8446 6: in TLS 1.3 only these two are not fatal, whatever the level says. */
static bool is_fatal(const struct tls *t, uint8_t level, uint8_t description)
{
    if (description == ALERT_CLOSE_NOTIFY)
        return false;
    if (t->info.version == TLS_VERSION_13)
        return description != ALERT_USER_CANCELED;
    return level == ALERT_LEVEL_FATAL;
}

err alert_receive(struct tls *t, struct span content, bool *out_closed)
{
    *out_closed = false;
    if (content.n == 0) /* RFC 8446 5.4 */
        return FAIL(ERR_RECORD_EMPTY);
    if (content.n != 2)
        return FAIL(ERR_ALERT_MALFORMED);
    uint8_t level = content.p[0];
    uint8_t description = content.p[1];
    struct tls_event *event = event_add(t, TLS_EVENT_ALERT_RECEIVED);
    if (event != NULL) {
        event->alert_level = level;
        event->alert = description;
        event->content_type = TLS_ALERT;
    }
    if (level != ALERT_LEVEL_WARNING && level != ALERT_LEVEL_FATAL)
        return FAIL(ERR_ALERT_LEVEL);
    if (is_fatal(t, level, description)) {
        t->info.alert_received = description;
        return FAIL(ERR_ALERT_RECEIVED);
    }
    if (description == ALERT_CLOSE_NOTIFY) {
        *out_closed = true;
        return OK;
    }
    if (++t->warning_alerts > WARNING_ALERTS_MAX)
        return FAIL(ERR_WARNING_ALERT_FLOOD);
    return OK;
}
