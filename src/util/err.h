/* SPDX-License-Identifier: MIT */
/*
 * The one error type inside the library. A reason names the misbehaviour; the alert it owes
 * (tls/alert.c) and the status the caller sees (sspi/status.c) are chosen in two exhaustive
 * switches, so a new reason does not build until both know it.
 */
#ifndef SCHANNEL_UTIL_ERR_H
#define SCHANNEL_UTIL_ERR_H

/* X(name, sentence): the sentence is what diagnostics print. */
#define ERR_LIST(X)                                                                                \
    X(OK, "success")                                                                               \
    /* the library itself */                                                                       \
    X(ERR_INTERNAL, "an internal invariant does not hold")                                         \
    X(ERR_NO_MEMORY, "out of memory")                                                              \
    X(ERR_ARGUMENT, "an argument is not valid")                                                    \
    X(ERR_WRONG_STATE, "the call does not fit the state of the connection")                        \
    X(ERR_UNSUPPORTED, "the feature is not supported")                                             \
    X(ERR_CRYPTO, "libcrypto refused an operation")                                                \
    X(ERR_RANDOM, "no randomness could be had")                                                    \
    X(ERR_OUTPUT_TOO_SMALL, "the output buffer is too small")                                      \
    X(ERR_DEAD, "the connection has failed before")                                                \
    X(ERR_CLOSED, "the connection is closed")                                                      \
    /* records */                                                                                  \
    X(ERR_RECORD_GARBAGE, "the bytes are not a TLS record")                                        \
    X(ERR_RECORD_TYPE, "a record of an unknown or unexpected content type")                        \
    X(ERR_RECORD_VERSION, "a record with a wrong version")                                         \
    X(ERR_RECORD_OVERFLOW, "a record is longer than allowed")                                      \
    X(ERR_RECORD_TOO_SHORT, "a protected record is too short")                                     \
    X(ERR_RECORD_BAD_MAC, "a record failed authentication")                                        \
    X(ERR_RECORD_NO_CONTENT_TYPE, "a TLS 1.3 record holds nothing but padding")                    \
    X(ERR_RECORD_EMPTY, "an empty record of a type that may not be empty")                         \
    X(ERR_RECORD_EPOCH, "a message was protected with the wrong key")                              \
    X(ERR_RECORD_INTERLEAVED, "a handshake message was interrupted by another record type")        \
    X(ERR_RECORD_NOT_ALIGNED, "a message before a key change does not end its record")             \
    X(ERR_EMPTY_RECORD_FLOOD, "too many empty records in a row")                                   \
    X(ERR_WARNING_ALERT_FLOOD, "too many warning alerts in a row")                                 \
    X(ERR_CCS_VALUE, "a change_cipher_spec that is not the single byte 1")                         \
    X(ERR_CCS_UNEXPECTED, "a change_cipher_spec at the wrong moment")                              \
    X(ERR_CCS_FLOOD, "too many change_cipher_spec records")                                        \
    X(ERR_SEQUENCE_EXHAUSTED, "the limit of records under one key is reached")                     \
    X(ERR_APPLICATION_DATA_EARLY, "application data before the handshake ended")                   \
    /* alerts */                                                                                   \
    X(ERR_ALERT_RECEIVED, "the peer sent a fatal alert")                                           \
    X(ERR_ALERT_MALFORMED, "a malformed alert")                                                    \
    X(ERR_ALERT_LEVEL, "an alert with an unknown level")                                           \
    /* handshake framing */                                                                        \
    X(ERR_UNEXPECTED_MESSAGE, "a handshake message that the state does not allow")                 \
    X(ERR_MESSAGE_TOO_LONG, "a handshake message is longer than the limit")                        \
    X(ERR_DECODE, "a message does not decode")                                                     \
    X(ERR_ILLEGAL_VALUE, "a field holds a value that is not allowed")                              \
    /* hellos */                                                                                   \
    X(ERR_HELLO_VERSION, "no protocol version in common")                                          \
    X(ERR_HELLO_SUITE, "no cipher suite in common")                                                \
    X(ERR_HELLO_GROUP, "no key exchange group in common")                                          \
    X(ERR_HELLO_SIGNATURE_SCHEME, "no signature scheme in common")                                 \
    X(ERR_HELLO_NO_CERTIFICATE, "the server has no certificate for this client")                   \
    X(ERR_HELLO_COMPRESSION, "a compression method other than null")                               \
    X(ERR_HELLO_NO_NULL_COMPRESSION, "the null compression method is missing")                     \
    X(ERR_HELLO_DUPLICATE_EXTENSION, "an extension occurs twice")                                  \
    X(ERR_HELLO_EXTENSION_FORBIDDEN, "an extension is not allowed in this message")                \
    X(ERR_HELLO_UNSOLICITED_EXTENSION, "a response to an extension that was not offered")          \
    X(ERR_HELLO_MISSING_EXTENSION, "a required extension is missing")                              \
    X(ERR_HELLO_SUITE_NOT_OFFERED, "the server chose a suite that was not offered")                \
    X(ERR_HELLO_SUITE_CHANGED, "the suite differs from the HelloRetryRequest")                     \
    X(ERR_HELLO_SESSION_ID, "the session id was not echoed")                                       \
    X(ERR_HELLO_DOWNGRADE, "the server's random carries a downgrade sentinel")                     \
    X(ERR_HELLO_FALLBACK, "the client fell back although a higher version is common")              \
    X(ERR_HELLO_RETRY_NO_CHANGE, "a HelloRetryRequest that changes nothing")                       \
    X(ERR_HELLO_CHANGED, "the second ClientHello changes what it must not")                        \
    X(ERR_HELLO_GROUP_NOT_OFFERED, "the peer chose a group that was not offered")                  \
    X(ERR_HELLO_POINT_FORMAT, "the uncompressed point format is missing")                          \
    X(ERR_HELLO_SERVER_NAME, "the server name is not valid")                                       \
    X(ERR_KEY_SHARE, "a key share is not valid")                                                   \
    X(ERR_ALPN_NONE_IN_COMMON, "no application protocol in common")                                \
    X(ERR_ALPN_INVALID, "the application protocol answer is not valid")                            \
    X(ERR_RENEGOTIATION_INFO, "the renegotiation_info does not match")                             \
    X(ERR_PSK_MODE, "the pre-shared key extensions are not valid")                                 \
    /* certificates and proofs */                                                                  \
    X(ERR_CERT_EMPTY, "the server sent no certificate")                                            \
    X(ERR_CERT_REQUIRED, "a client certificate is required")                                       \
    X(ERR_CERT_PARSE, "a certificate does not parse")                                              \
    X(ERR_CERT_KEY, "the certificate's key is not usable")                                         \
    X(ERR_CERT_KEY_TYPE, "the certificate's key does not fit the cipher suite")                    \
    X(ERR_CERT_KEY_SIZE, "the certificate's key is too small or too large")                        \
    X(ERR_CERT_KEY_USAGE, "the certificate's key usage forbids signing")                           \
    X(ERR_CERT_UNTRUSTED_ROOT, "the chain does not end in a trusted root")                         \
    X(ERR_CERT_EXPIRED, "a certificate is expired or not yet valid")                               \
    X(ERR_CERT_WRONG_NAME, "the certificate does not name the target")                             \
    X(ERR_CERT_WRONG_USAGE, "the certificate is not meant for this use")                           \
    X(ERR_CERT_REVOKED, "a certificate is revoked")                                                \
    X(ERR_CERT_NO_REVOCATION_CHECK, "no revocation information is named in the certificate")       \
    X(ERR_CERT_REVOCATION_OFFLINE, "the revocation information cannot be reached")                 \
    X(ERR_CERT_BAD_SIGNATURE, "a signature in the chain is wrong")                                 \
    X(ERR_CERT_UNKNOWN, "the chain is not acceptable")                                             \
    X(ERR_SIGNATURE, "the signature over the handshake is wrong")                                  \
    X(ERR_SIGNATURE_SCHEME, "the signature uses a scheme that was not offered or does not fit")    \
    X(ERR_FINISHED_MISMATCH, "the Finished message does not match")                                \
    /* after the handshake */                                                                      \
    X(ERR_KEY_UPDATE_VALUE, "a KeyUpdate with an unknown request")                                 \
    X(ERR_POST_HANDSHAKE_FLOOD, "too many post-handshake messages in a row")                       \
    /* credentials and the surface */                                                              \
    X(ERR_CRED_VERSION, "the credential structure's version is not known")                         \
    X(ERR_CRED_NO_CERTIFICATE, "the credential lacks a certificate or its key")                    \
    X(ERR_CRED_BAD_CERTIFICATE, "a certificate of the credential is not usable")                   \
    X(ERR_CRED_NO_PROTOCOL, "the credential enables no protocol")                                  \
    X(ERR_CRED_LIMIT, "the credential exceeds a documented limit")                                 \
    X(ERR_MESSAGE_TOO_LARGE, "the message is larger than one record")                              \
    X(ERR_NOT_AVAILABLE, "the value is not available yet")                                         \
    X(ERR_NONE_SENT, "the peer sent no certificate")                                               \
    /* keys in containers */                                                                       \
    X(ERR_KEY_DATA, "the bytes hold no key of this kind")                                          \
    X(ERR_KEY_EXISTS, "the container is there already")                                            \
    X(ERR_KEY_NOT_FOUND, "there is no such container or key")                                      \
    X(ERR_KEY_PERMISSION, "the key's file is not the user's own, or the key may not leave it")

#define ERR_ENUM_ENTRY(name, text) name,
enum err_code { ERR_LIST(ERR_ENUM_ENTRY) ERR_COUNT };
#undef ERR_ENUM_ENTRY

typedef enum err_code err;

#define MUST_USE __attribute__((warn_unused_result))

/* The enumerator's spelling, and its sentence; never NULL. */
const char *err_name(err code);
const char *err_text(err code);

/*
 * Last place an error was raised in this thread: for diagnostics only, never for control flow.
 * The engine copies it into its event ring when it latches a failure.
 */
struct err_place {
    const char *function;
    int line;
    err code;
};
const struct err_place *err_last_place(void);
err err_raise(err code, const char *function, int line) MUST_USE;

/* Raises an error and remembers where. */
#define FAIL(code) err_raise((code), __func__, __LINE__)

/* Returns on error; only for functions that own nothing. */
#define TRY(expression)                                                                            \
    do {                                                                                           \
        err try_code_ = (expression);                                                              \
        if (try_code_ != OK)                                                                       \
            return try_code_;                                                                      \
    } while (0)

/* An invariant whose break would cost security: checked in every build. */
#define ENSURE(condition)                                                                          \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0))                                                     \
            return FAIL(ERR_INTERNAL);                                                             \
    } while (0)

#endif
