/* SPDX-License-Identifier: MIT */
/*
 * Alerts to statuses: Microsoft "Schannel Error Codes for TLS and SSL Alerts", row by row. Reasons
 * to statuses: every reason has one that people can be told about.
 */
#include <schannel.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sspi/internal.h"

static const struct {
    int alert;
    SECURITY_STATUS status;
} alerts[] = {
    {0, SEC_I_CONTEXT_EXPIRED},       {10, SEC_E_ILLEGAL_MESSAGE},
    {20, SEC_E_MESSAGE_ALTERED},      {21, SEC_E_DECRYPT_FAILURE},
    {22, SEC_E_ILLEGAL_MESSAGE},      {30, SEC_E_MESSAGE_ALTERED},
    {40, SEC_E_ILLEGAL_MESSAGE},      {42, SEC_E_CERT_UNKNOWN},
    {43, SEC_E_CERT_UNKNOWN},         {44, (SECURITY_STATUS)0x80092010},
    {45, SEC_E_CERT_EXPIRED},         {46, SEC_E_CERT_UNKNOWN},
    {47, SEC_E_ILLEGAL_MESSAGE},      {48, SEC_E_UNTRUSTED_ROOT},
    {49, SEC_E_LOGON_DENIED},         {50, SEC_E_ILLEGAL_MESSAGE},
    {51, SEC_E_DECRYPT_FAILURE},      {60, SEC_E_ILLEGAL_MESSAGE},
    {70, SEC_E_UNSUPPORTED_FUNCTION}, {71, SEC_E_ALGORITHM_MISMATCH},
    {80, SEC_E_INTERNAL_ERROR},       {90, SEC_E_UNFINISHED_CONTEXT_DELETED},
    {100, SEC_E_ILLEGAL_MESSAGE},     {110, SEC_E_ILLEGAL_MESSAGE},
    {115, SEC_E_ILLEGAL_MESSAGE},     {120, SEC_E_APPLICATION_PROTOCOL_MISMATCH},
};

static void alerts_as_the_page_lists_them(void **state)
{
    (void)state;
    size_t row = 0;
    for (int alert = 0; alert < 256; alert++) {
        bool is_listed = row < ARRAY_LEN(alerts) && alerts[row].alert == alert;
        SECURITY_STATUS expected = is_listed ? alerts[row++].status : SEC_E_ILLEGAL_MESSAGE;
        assert_int_equal(status_of_alert(alert), expected);
        assert_int_equal(status_of_failure(ERR_ALERT_RECEIVED, alert), expected);
        assert_int_equal(status_of_failure(ERR_DECODE, alert), status_of(ERR_DECODE));
    }
    assert_int_equal(row, ARRAY_LEN(alerts));
}

static void every_reason_has_a_status_with_a_name(void **state)
{
    (void)state;
    for (int reason = 0; reason < ERR_COUNT; reason++) {
        SECURITY_STATUS status = status_of((err)reason);
        assert_int_equal(status == SEC_E_OK, reason == OK);
        assert_non_null(win_status_find(status));
    }
    /* The planted control: a number without a name is noticed. */
    assert_null(win_status_find((LONG)0x80091234));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alerts_as_the_page_lists_them),
        cmocka_unit_test(every_reason_has_a_status_with_a_name),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
