/* SPDX-License-Identifier: MIT */
/* The wide string functions, names and sentences of statuses, and FormatMessage over them. */
#include <libschannel.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "win/win.h"

#define W(text) ((const WCHAR *)u##text)

/* ---- wide strings ---------------------------------------------------------------------- */

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

struct row {
    const WCHAR *a;
    const WCHAR *b;
    int order;
    int order_without_case;
};

static bool compares(const struct row *row)
{
    return sign(schannel_wcscmp(row->a, row->b)) == row->order &&
           sign(schannel_wcscmp(row->b, row->a)) == -row->order &&
           sign(schannel_wcsicmp(row->a, row->b)) == row->order_without_case &&
           sign(schannel_wcsicmp(row->b, row->a)) == -row->order_without_case;
}

static void comparisons(void **state)
{
    static const struct row rows[] = {
        {W(""), W(""), 0, 0},
        {W("a"), W(""), 1, 1},
        {W("abc"), W("abc"), 0, 0},
        {W("abc"), W("abd"), -1, -1},
        {W("ABC"), W("abc"), -1, 0},
        {W("[a"), W("aa"), -1, -1},
        {W("ab"), W("abc"), -1, -1},
        {W("\uFFFD"), W("a"), 1, 1},
        {W("\u00C4"), W("\u00E4"), -1, -1}, /* letters of ASCII only */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(compares(&rows[i]));
    assert_int_equal(schannel_wcsncmp(W("abc"), W("abd"), 2), 0);
    assert_int_equal(schannel_wcsncmp(W("abc"), W("abd"), 0), 0);
    assert_true(schannel_wcsncmp(W("abc"), W("abd"), 3) < 0);
    assert_int_equal(schannel_wcsncmp(W("ab"), W("ab"), 99), 0);
}

static void lengths_and_copies(void **state)
{
    WCHAR to[8];
    (void)state;
    assert_int_equal(schannel_wcslen(W("")), 0);
    assert_int_equal(schannel_wcslen(W("abc")), 3);
    assert_int_equal(lstrlenW(W("abc")), 3);
    assert_int_equal(lstrlenW(NULL), 0);
    assert_int_equal(lstrlenA("abc"), 3);
    assert_int_equal(lstrlenA(NULL), 0);
    assert_ptr_equal(schannel_wcscpy(to, W("abc")), to);
    assert_int_equal(schannel_wcscmp(to, W("abc")), 0);
    assert_ptr_equal(schannel_wcscat(to, W("def")), to);
    assert_int_equal(schannel_wcscmp(to, W("abcdef")), 0);
    memset(to, 0x55, sizeof to);
    schannel_wcsncpy(to, W("abc"), 5); /* filled up with NULs */
    assert_int_equal(to[3], 0);
    assert_int_equal(to[4], 0);
    assert_int_equal(to[5], 0x5555);
    schannel_wcsncpy(to, W("vwxyz"), 3); /* no NUL */
    assert_int_equal(to[2], 'x');
    assert_int_equal(to[3], 0);
}

static void searches(void **state)
{
    const WCHAR *s = W("abcabc");
    (void)state;
    assert_ptr_equal(schannel_wcschr(s, 'b'), s + 1);
    assert_ptr_equal(schannel_wcsrchr(s, 'b'), s + 4);
    assert_null(schannel_wcschr(s, 'x'));
    assert_null(schannel_wcsrchr(s, 'x'));
    assert_ptr_equal(schannel_wcschr(s, 0), s + 6);
    assert_ptr_equal(schannel_wcsrchr(s, 0), s + 6);
    assert_ptr_equal(schannel_wcsstr(s, W("ca")), s + 2);
    assert_ptr_equal(schannel_wcsstr(s, W("")), s);
    assert_ptr_equal(schannel_wcsstr(s, s), s);
    assert_null(schannel_wcsstr(s, W("abcd")));
    assert_null(schannel_wcsstr(W(""), W("a")));
}

/* ---- statuses -------------------------------------------------------------------------- */

static void statuses(void **state)
{
    static const struct {
        LONG status;
        const char *name;
    } rows[] = {
        {0, "SEC_E_OK"},
        {(LONG)0x00090312, "SEC_I_CONTINUE_NEEDED"},
        {(LONG)0x80090308, "SEC_E_INVALID_TOKEN"},
        {(LONG)0x80090318, "SEC_E_INCOMPLETE_MESSAGE"},
        {(LONG)0x80090322, "SEC_E_WRONG_PRINCIPAL"},
        {(LONG)0x80090325, "SEC_E_UNTRUSTED_ROOT"},
        {(LONG)0x80092004, "CRYPT_E_NOT_FOUND"},
        {(LONG)0x800B0109, "CERT_E_UNTRUSTEDROOT"},
        {(LONG)0x800B010F, "CERT_E_CN_NO_MATCH"},
        {(LONG)0x80096004, "TRUST_E_CERT_SIGNATURE"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(SchannelStatusName(rows[i].status), rows[i].name);
        assert_true(strlen(SchannelStatusText(rows[i].status)) > 10);
        assert_ptr_equal(win_status_find(rows[i].status)->name, SchannelStatusName(rows[i].status));
    }
    assert_null(SchannelStatusName(0x12345678));
    assert_non_null(SchannelStatusText(0x12345678));
    assert_null(win_status_find(0x12345678));
    assert_true(strlen(SchannelVersion()) >= 5);
}

static void messages(void **state)
{
    const DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
    const DWORD id = 0x80090322;
    char text[512];
    WCHAR wide[512];
    char *made = NULL;
    WCHAR *made_wide = NULL;
    (void)state;
    int64_t live = mem_live();
    DWORD n = FormatMessageA(flags, NULL, id, 0, text, sizeof text, NULL);
    assert_true(n > 10);
    assert_int_equal(strlen(text), n);
    assert_int_equal(FormatMessageW(flags, NULL, id, 0, wide, ARRAY_LEN(wide), NULL), n);
    char *narrow = win_utf8_dup(wide);
    assert_string_equal(narrow, text);
    mem_free(narrow);
    assert_int_equal(
        FormatMessageA(flags | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, id, 0, (LPSTR)&made, 0, NULL),
        n);
    assert_string_equal(made, text);
    LocalFree(made);
    assert_int_equal(FormatMessageW(flags | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, id, 0,
                                    (LPWSTR)(void *)&made_wide, 0, NULL),
                     n);
    assert_int_equal(schannel_wcscmp(made_wide, wide), 0);
    LocalFree(made_wide);
    SetLastError(0);
    assert_int_equal(FormatMessageA(flags, NULL, id, 0, text, n, NULL), 0);
    assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(FormatMessageA(flags, NULL, id, 0, text, n + 1, NULL), n);
    SetLastError(0);
    assert_int_equal(FormatMessageA(flags, NULL, id, 0, NULL, 10, NULL), 0);
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_int_equal(FormatMessageW(flags, NULL, id, 0, NULL, 10, NULL), 0);
    assert_int_equal(mem_live(), live);
}

static void positive_control(void **state)
{
    (void)state;
    assert_false(compares(&(struct row){W("a"), W("b"), 0, 0}));
    assert_false(compares(&(struct row){W("A"), W("a"), -1, -1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons), cmocka_unit_test(lengths_and_copies),
        cmocka_unit_test(searches),    cmocka_unit_test(statuses),
        cmocka_unit_test(messages),    cmocka_unit_test(positive_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
