/* SPDX-License-Identifier: MIT */
/*
 * The alert each reason owes, a second time and sorted by alert: RFC 8446 6.2, RFC 5246 7.2.2, RFC
 * 7301 3.2, RFC 7507 3. And the names of code points.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tls/tls.h"

enum { LIST_MAX = 40 };

static const struct {
    int alert;
    const char *name;
    err reasons[LIST_MAX]; /* OK ends */
} owed[] = {
    {10,
     "unexpected_message",
     {ERR_RECORD_TYPE, ERR_RECORD_NO_CONTENT_TYPE, ERR_RECORD_EMPTY, ERR_RECORD_EPOCH,
      ERR_RECORD_INTERLEAVED, ERR_RECORD_NOT_ALIGNED, ERR_EMPTY_RECORD_FLOOD,
      ERR_WARNING_ALERT_FLOOD, ERR_CCS_VALUE, ERR_CCS_UNEXPECTED, ERR_CCS_FLOOD,
      ERR_APPLICATION_DATA_EARLY, ERR_UNEXPECTED_MESSAGE, ERR_MESSAGE_TOO_LONG,
      ERR_POST_HANDSHAKE_FLOOD}},
    {20, "bad_record_mac", {ERR_RECORD_BAD_MAC, ERR_RECORD_TOO_SHORT}},
    {22, "record_overflow", {ERR_RECORD_OVERFLOW}},
    {40,
     "handshake_failure",
     {ERR_HELLO_SUITE, ERR_HELLO_GROUP, ERR_HELLO_SIGNATURE_SCHEME, ERR_HELLO_NO_CERTIFICATE,
      ERR_CRED_NO_CERTIFICATE, ERR_RENEGOTIATION_INFO}},
    {42, "bad_certificate", {ERR_CERT_PARSE, ERR_CERT_BAD_SIGNATURE}},
    {43, "unsupported_certificate", {ERR_CERT_KEY, ERR_CERT_KEY_SIZE}},
    {44, "certificate_revoked", {ERR_CERT_REVOKED}},
    {45, "certificate_expired", {ERR_CERT_EXPIRED}},
    {46,
     "certificate_unknown",
     {ERR_CERT_WRONG_NAME, ERR_CERT_WRONG_USAGE, ERR_CERT_NO_REVOCATION_CHECK,
      ERR_CERT_REVOCATION_OFFLINE, ERR_CERT_UNKNOWN}},
    {47,
     "illegal_parameter",
     {ERR_ALERT_LEVEL,
      ERR_ILLEGAL_VALUE,
      ERR_HELLO_COMPRESSION,
      ERR_HELLO_NO_NULL_COMPRESSION,
      ERR_HELLO_DUPLICATE_EXTENSION,
      ERR_HELLO_EXTENSION_FORBIDDEN,
      ERR_HELLO_SUITE_NOT_OFFERED,
      ERR_HELLO_SUITE_CHANGED,
      ERR_HELLO_SESSION_ID,
      ERR_HELLO_DOWNGRADE,
      ERR_HELLO_RETRY_NO_CHANGE,
      ERR_HELLO_CHANGED,
      ERR_HELLO_GROUP_NOT_OFFERED,
      ERR_HELLO_POINT_FORMAT,
      ERR_HELLO_SERVER_NAME,
      ERR_KEY_SHARE,
      ERR_ALPN_INVALID,
      ERR_PSK_MODE,
      ERR_CERT_KEY_TYPE,
      ERR_CERT_KEY_USAGE,
      ERR_SIGNATURE_SCHEME,
      ERR_KEY_UPDATE_VALUE}},
    {48, "unknown_ca", {ERR_CERT_UNTRUSTED_ROOT}},
    {50, "decode_error", {ERR_ALERT_MALFORMED, ERR_DECODE, ERR_CERT_EMPTY}},
    {51, "decrypt_error", {ERR_SIGNATURE, ERR_FINISHED_MISMATCH}},
    {70, "protocol_version", {ERR_RECORD_VERSION, ERR_HELLO_VERSION}},
    {80, "internal_error", {ERR_INTERNAL, ERR_NO_MEMORY, ERR_UNSUPPORTED, ERR_CRYPTO, ERR_RANDOM}},
    {86, "inappropriate_fallback", {ERR_HELLO_FALLBACK}},
    {109, "missing_extension", {ERR_HELLO_MISSING_EXTENSION}},
    {110, "unsupported_extension", {ERR_HELLO_UNSOLICITED_EXTENSION}},
    {116, "certificate_required", {ERR_CERT_REQUIRED}},
    {120, "no_application_protocol", {ERR_ALPN_NONE_IN_COMMON}},
    {-1,
     NULL,
     {ERR_RECORD_GARBAGE, ERR_ALERT_RECEIVED, ERR_OUTPUT_TOO_SMALL, ERR_ARGUMENT, ERR_WRONG_STATE,
      ERR_DEAD, ERR_CLOSED, ERR_SEQUENCE_EXHAUSTED, ERR_MESSAGE_TOO_LARGE, ERR_NOT_AVAILABLE,
      ERR_NONE_SENT, ERR_CRED_VERSION, ERR_CRED_BAD_CERTIFICATE, ERR_CRED_NO_PROTOCOL,
      ERR_CRED_LIMIT, ERR_KEY_DATA, ERR_KEY_EXISTS, ERR_KEY_NOT_FOUND, ERR_KEY_PERMISSION}},
};

static void reasons_owe_their_alerts(void **state)
{
    (void)state;
    bool seen[ERR_COUNT] = {[OK] = true};
    for (size_t i = 0; i < ARRAY_LEN(owed); i++) {
        for (size_t k = 0; owed[i].reasons[k] != OK; k++) {
            err reason = owed[i].reasons[k];
            assert_false(seen[reason]);
            seen[reason] = true;
            if (tls_alert_of(reason) != owed[i].alert)
                fprintf(stderr, "%s: %d\n", err_name(reason), tls_alert_of(reason));
            assert_int_equal(tls_alert_of(reason), owed[i].alert);
        }
        if (owed[i].name != NULL)
            assert_string_equal(tls_alert_name((unsigned)owed[i].alert), owed[i].name);
    }
    for (size_t i = 0; i < ERR_COUNT; i++) {
        if (!seen[i])
            fprintf(stderr, "%s has no line here\n", err_name((err)i));
        assert_true(seen[i]);
    }
    assert_int_equal(tls_alert_of(OK), -1);
}

static void numbers_have_names(void **state)
{
    (void)state;
    assert_string_equal(tls_message_name(1), "ClientHello");
    assert_string_equal(tls_message_name(24), "KeyUpdate");
    assert_string_equal(tls_message_name(99), "unknown");
    assert_string_equal(tls_content_type_name(22), "handshake");
    assert_string_equal(tls_content_type_name(0), "unknown");
    assert_string_equal(tls_alert_name(0), "close_notify");
    assert_string_equal(tls_alert_name(255), "unknown");
    assert_string_equal(tls_group_name(0x001D), "x25519");
    assert_string_equal(tls_group_name(0), "unknown");
    assert_string_equal(tls_scheme_name(0x0807), "ed25519");
    assert_string_equal(tls_scheme_name(0x0201), "unknown");
    assert_string_equal(tls_extension_name(0), "server_name");
    assert_string_equal(tls_extension_name(51), "key_share");
    assert_string_equal(tls_extension_name(0xFF01), "renegotiation_info");
    assert_string_equal(tls_extension_name(0x4A4A), "unknown");
}

static void suites_are_found(void **state)
{
    (void)state;
    size_t count = 0;
    for (; tls_suite_at(count) != NULL; count++) {
        const struct tls_suite *suite = tls_suite_at(count);
        assert_ptr_equal(tls_suite_find(suite->id), suite);
        bool is_tls13 = suite->id >> 8 == 0x13;
        assert_int_equal(suite->version, is_tls13 ? TLS_VERSION_13 : TLS_VERSION_12);
        assert_int_equal(suite->auth == TLS_AUTH_ANY, is_tls13);
        bool is_gcm12 = !is_tls13 && suite->aead != AEAD_CHACHA20_POLY1305;
        assert_int_equal(suite->explicit_nonce_len, is_gcm12 ? 8 : 0);
    }
    assert_true(count >= 9);
    assert_null(tls_suite_find(0));
    assert_null(tls_suite_find(0x0005));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_owe_their_alerts),
        cmocka_unit_test(numbers_have_names),
        cmocka_unit_test(suites_are_found),
    };
    return cmocka_run_group_tests_name("tls alerts", tests, NULL, NULL);
}
