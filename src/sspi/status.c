/* SPDX-License-Identifier: MIT */
/*
 * From reasons and alerts to SECURITY_STATUS. Microsoft "Schannel Error Codes for TLS and SSL
 * Alerts", "SSPI Status Codes".
 */
#include "sspi/internal.h"

/* clang-format off: one line for the reasons of one status */
SECURITY_STATUS status_of_alert(int alert)
{
    switch (alert) {
    case TLS1_ALERT_CLOSE_NOTIFY:
        return SEC_I_CONTEXT_EXPIRED;
    case TLS1_ALERT_BAD_RECORD_MAC:
    case TLS1_ALERT_DECOMPRESSION_FAIL:
        return SEC_E_MESSAGE_ALTERED;
    case TLS1_ALERT_DECRYPTION_FAILED:
    case TLS1_ALERT_DECRYPT_ERROR:
        return SEC_E_DECRYPT_FAILURE;
    case TLS1_ALERT_BAD_CERTIFICATE:
    case TLS1_ALERT_UNSUPPORTED_CERT:
    case TLS1_ALERT_CERTIFICATE_UNKNOWN:
        return SEC_E_CERT_UNKNOWN;
    case TLS1_ALERT_CERTIFICATE_REVOKED:
        return CRYPT_E_REVOKED;
    case TLS1_ALERT_CERTIFICATE_EXPIRED:
        return SEC_E_CERT_EXPIRED;
    case TLS1_ALERT_UNKNOWN_CA:
        return SEC_E_UNTRUSTED_ROOT;
    case TLS1_ALERT_ACCESS_DENIED:
        return SEC_E_LOGON_DENIED;
    case TLS1_ALERT_PROTOCOL_VERSION:
        return SEC_E_UNSUPPORTED_FUNCTION;
    case TLS1_ALERT_INSUFFIENT_SECURITY:
        return SEC_E_ALGORITHM_MISMATCH;
    case TLS1_ALERT_INTERNAL_ERROR:
        return SEC_E_INTERNAL_ERROR;
    case TLS1_ALERT_USER_CANCELED:
        return SEC_E_UNFINISHED_CONTEXT_DELETED;
    case TLS1_ALERT_NO_APP_PROTOCOL:
        return SEC_E_APPLICATION_PROTOCOL_MISMATCH;
    default:
        return SEC_E_ILLEGAL_MESSAGE;
    }
}

SECURITY_STATUS status_of(err reason)
{
    switch (reason) {
    case OK:
        return SEC_E_OK;
    case ERR_INTERNAL:
    case ERR_RANDOM:
    case ERR_CRYPTO:
    case ERR_COUNT:
        return SEC_E_INTERNAL_ERROR;
    case ERR_NO_MEMORY:
    case ERR_OUTPUT_TOO_SMALL:
        return SEC_E_INSUFFICIENT_MEMORY;
    case ERR_ARGUMENT:
    case ERR_CRED_LIMIT:
        return SEC_E_INVALID_PARAMETER;
    case ERR_WRONG_STATE:
    case ERR_NOT_AVAILABLE:
        return SEC_E_INVALID_HANDLE;
    case ERR_UNSUPPORTED:
        return SEC_E_UNSUPPORTED_FUNCTION;
    case ERR_DEAD:
    case ERR_CLOSED:
    case ERR_FORKED:
    case ERR_SEQUENCE_EXHAUSTED:
        return SEC_E_CONTEXT_EXPIRED;
    case ERR_RECORD_GARBAGE:
    case ERR_TOKEN_BUFFERS:
        return SEC_E_INVALID_TOKEN;
    case ERR_RECORD_BAD_MAC:
        return SEC_E_MESSAGE_ALTERED;
    case ERR_RECORD_TOO_SHORT:
    case ERR_SIGNATURE:
    case ERR_FINISHED_MISMATCH:
        return SEC_E_DECRYPT_FAILURE;
    case ERR_RECORD_TYPE:
    case ERR_RECORD_VERSION:
    case ERR_RECORD_OVERFLOW:
    case ERR_RECORD_NO_CONTENT_TYPE:
    case ERR_RECORD_EMPTY:
    case ERR_RECORD_EPOCH:
    case ERR_RECORD_INTERLEAVED:
    case ERR_RECORD_NOT_ALIGNED:
    case ERR_EMPTY_RECORD_FLOOD:
    case ERR_WARNING_ALERT_FLOOD:
    case ERR_CCS_VALUE:
    case ERR_CCS_UNEXPECTED:
    case ERR_CCS_FLOOD:
    case ERR_APPLICATION_DATA_EARLY:
    case ERR_ALERT_RECEIVED:
    case ERR_ALERT_MALFORMED:
    case ERR_ALERT_LEVEL:
    case ERR_UNEXPECTED_MESSAGE:
    case ERR_MESSAGE_TOO_LONG:
    case ERR_DECODE:
    case ERR_ILLEGAL_VALUE:
    case ERR_EXCESS_DATA:
    case ERR_HELLO_COMPRESSION:
    case ERR_HELLO_NO_NULL_COMPRESSION:
    case ERR_HELLO_DUPLICATE_EXTENSION:
    case ERR_HELLO_EXTENSION_FORBIDDEN:
    case ERR_HELLO_UNSOLICITED_EXTENSION:
    case ERR_HELLO_MISSING_EXTENSION:
    case ERR_HELLO_SUITE_NOT_OFFERED:
    case ERR_HELLO_SUITE_CHANGED:
    case ERR_HELLO_SESSION_ID:
    case ERR_HELLO_DOWNGRADE:
    case ERR_HELLO_FALLBACK:
    case ERR_HELLO_RETRY_TWICE:
    case ERR_HELLO_RETRY_NO_CHANGE:
    case ERR_HELLO_CHANGED:
    case ERR_HELLO_COOKIE:
    case ERR_HELLO_GROUP_NOT_OFFERED:
    case ERR_HELLO_POINT_FORMAT:
    case ERR_HELLO_SERVER_NAME:
    case ERR_KEY_SHARE:
    case ERR_ALPN_INVALID:
    case ERR_RENEGOTIATION_INFO:
    case ERR_RENEGOTIATION_REFUSED:
    case ERR_EXTENDED_MASTER_SECRET:
    case ERR_PSK_MODE:
    case ERR_SIGNATURE_SCHEME:
    case ERR_CERT_EMPTY:
    case ERR_CERT_REQUIRED:
    case ERR_CERT_KEY_TYPE:
    case ERR_KEY_UPDATE_VALUE:
    case ERR_POST_HANDSHAKE_FLOOD:
        return SEC_E_ILLEGAL_MESSAGE;
    case ERR_CLOSE_NOTIFY_EARLY:
        return SEC_I_CONTEXT_EXPIRED;
    case ERR_HELLO_VERSION:
        return SEC_E_UNSUPPORTED_FUNCTION;
    case ERR_HELLO_SUITE:
    case ERR_HELLO_GROUP:
    case ERR_HELLO_SIGNATURE_SCHEME:
    case ERR_CRED_NO_PROTOCOL:
        return SEC_E_ALGORITHM_MISMATCH;
    case ERR_ALPN_NONE_IN_COMMON:
        return SEC_E_APPLICATION_PROTOCOL_MISMATCH;
    case ERR_HELLO_NO_CERTIFICATE:
    case ERR_CRED_NO_CERTIFICATE:
    case ERR_CRED_DIRECTION:
    case ERR_NONE_SENT:
        return SEC_E_NO_CREDENTIALS;
    case ERR_CRED_VERSION:
    case ERR_CRED_BAD_CERTIFICATE:
        return SEC_E_UNKNOWN_CREDENTIALS;
    case ERR_CERT_UNTRUSTED_ROOT:
        return SEC_E_UNTRUSTED_ROOT;
    case ERR_CERT_EXPIRED:
        return SEC_E_CERT_EXPIRED;
    case ERR_CERT_WRONG_NAME:
        return SEC_E_WRONG_PRINCIPAL;
    case ERR_CERT_WRONG_USAGE:
        return SEC_E_CERT_WRONG_USAGE;
    case ERR_CERT_REVOKED:
        return CRYPT_E_REVOKED;
    case ERR_CERT_NO_REVOCATION_CHECK:
        return CRYPT_E_NO_REVOCATION_CHECK;
    case ERR_CERT_REVOCATION_OFFLINE:
        return CRYPT_E_REVOCATION_OFFLINE;
    case ERR_CERT_PARSE:
    case ERR_CERT_KEY:
    case ERR_CERT_KEY_SIZE:
    case ERR_CERT_KEY_USAGE:
    case ERR_CERT_BAD_SIGNATURE:
    case ERR_CERT_UNKNOWN:
        return SEC_E_CERT_UNKNOWN;
    case ERR_MESSAGE_TOO_LARGE:
        return SEC_E_ENCRYPT_FAILURE;
    }
    return SEC_E_INTERNAL_ERROR;
}
/* clang-format on */

SECURITY_STATUS status_of_failure(err reason, int alert_received)
{
    return reason == ERR_ALERT_RECEIVED ? status_of_alert(alert_received) : status_of(reason);
}
