/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 and UTF-16 (RFC 3629, RFC 2781). Invalid input becomes U+FFFD, one for each byte or unit
 * that cannot begin or go on a character; the strict forms of MultiByteToWideChar refuse it.
 */
#include "win/win.h"

enum { REPLACEMENT = 0xFFFD };

/* One code point from UTF-8; *out_valid false for malformed input, of which one byte is eaten. */
static uint32_t next_utf8(const uint8_t *p, size_t n, size_t *out_used, bool *out_valid)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80       ? 1
                 : p[0] >> 5 == 6  ? 2
                 : p[0] >> 4 == 14 ? 3
                 : p[0] >> 3 == 30 ? 4
                                   : 0;
    *out_used = 1;
    *out_valid = len != 0 && len <= n;
    if (!*out_valid)
        return REPLACEMENT;
    uint32_t code = len == 1 ? p[0] : p[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if (p[i] >> 6 != 2) {
            *out_valid = false;
            return REPLACEMENT;
        }
        code = code << 6 | (p[i] & 0x3F);
    }
    *out_valid = code >= least[len] && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
    if (!*out_valid)
        return REPLACEMENT;
    *out_used = len;
    return code;
}

static uint32_t next_utf16(const WCHAR *p, size_t n, size_t *out_used, bool *out_valid)
{
    uint32_t unit = (uint16_t)p[0];
    *out_used = 1;
    *out_valid = unit < 0xD800 || unit > 0xDFFF;
    if (*out_valid)
        return unit;
    uint32_t low = n > 1 ? (uint16_t)p[1] : 0;
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return REPLACEMENT;
    *out_valid = true;
    *out_used = 2;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

static size_t put_utf16(uint32_t code, WCHAR *out, size_t at, size_t cap)
{
    if (code < 0x10000) {
        if (out != NULL && at < cap)
            out[at] = (WCHAR)code;
        return 1;
    }
    if (out != NULL && at + 1 < cap) {
        out[at] = (WCHAR)(0xD800 + ((code - 0x10000) >> 10));
        out[at + 1] = (WCHAR)(0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    return 2;
}

static size_t put_utf8(uint32_t code, char *out, size_t at, size_t cap)
{
    static const uint8_t lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (out == NULL || at + len > cap)
        return len;
    for (size_t i = len - 1; i > 0; i--) {
        out[at + i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[at] = (char)(lead[len] | code);
    return len;
}

static size_t to_utf16(const char *text, size_t text_len, WCHAR *out, size_t cap, bool *out_valid)
{
    size_t n = 0;
    *out_valid = true;
    for (size_t i = 0; i < text_len;) {
        size_t used;
        bool valid;
        uint32_t code = next_utf8((const uint8_t *)text + i, text_len - i, &used, &valid);
        *out_valid = *out_valid && valid;
        n += put_utf16(code, out, n, cap);
        i += used;
    }
    return n;
}

static size_t to_utf8(const WCHAR *text, size_t text_len, char *out, size_t cap, bool *out_valid)
{
    size_t n = 0;
    *out_valid = true;
    for (size_t i = 0; i < text_len;) {
        size_t used;
        bool valid;
        uint32_t code = next_utf16(text + i, text_len - i, &used, &valid);
        *out_valid = *out_valid && valid;
        n += put_utf8(code, out, n, cap);
        i += used;
    }
    return n;
}

size_t win_utf16_from_utf8(const char *text, size_t text_len, WCHAR *out, size_t out_cap)
{
    bool valid;
    return to_utf16(text, text_len, out, out_cap, &valid);
}

size_t win_utf8_from_utf16(const WCHAR *text, size_t text_len, char *out, size_t out_cap)
{
    bool valid;
    return to_utf8(text, text_len, out, out_cap, &valid);
}

size_t win_utf16_len(const WCHAR *text)
{
    size_t n = 0;
    while (text[n] != 0)
        n++;
    return n;
}

WCHAR *win_utf16_dup(const char *text)
{
    if (text == NULL)
        return NULL;
    size_t text_len = strlen(text);
    size_t n = win_utf16_from_utf8(text, text_len, NULL, 0);
    WCHAR *copy = mem_array(n + 1, sizeof *copy);
    if (copy != NULL)
        win_utf16_from_utf8(text, text_len, copy, n);
    return copy;
}

char *win_utf8_dup(const WCHAR *text)
{
    if (text == NULL)
        return NULL;
    size_t text_len = win_utf16_len(text);
    size_t n = win_utf8_from_utf16(text, text_len, NULL, 0);
    char *copy = mem_alloc(n + 1);
    if (copy != NULL)
        win_utf8_from_utf16(text, text_len, copy, n);
    return copy;
}

/* ---- MultiByteToWideChar, WideCharToMultiByte ------------------------------------------ */

static int fail_zero(DWORD error)
{
    SetLastError(error);
    return 0;
}

static bool arguments_valid(UINT code_page, const void *from, int from_len, const void *to, int cap)
{
    return (code_page == CP_UTF8 || code_page == CP_ACP || code_page == CP_OEMCP) && from != NULL &&
           from_len >= -1 && from_len != 0 && cap >= 0 && (cap == 0 || to != NULL) && from != to;
}

static int finish(size_t n, int cap, bool valid, bool strict)
{
    if (strict && !valid)
        return fail_zero(ERROR_NO_UNICODE_TRANSLATION);
    if (n > INT32_MAX || (cap != 0 && n > (size_t)cap))
        return fail_zero(ERROR_INSUFFICIENT_BUFFER);
    return (int)n;
}

int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCSTR lpMultiByteStr, int cbMultiByte,
                               LPWSTR lpWideCharStr, int cchWideChar)
{
    if (!arguments_valid(CodePage, lpMultiByteStr, cbMultiByte, lpWideCharStr, cchWideChar))
        return fail_zero(ERROR_INVALID_PARAMETER);
    size_t text_len = cbMultiByte < 0 ? strlen(lpMultiByteStr) + 1 : (size_t)cbMultiByte;
    bool valid;
    size_t n = to_utf16(lpMultiByteStr, text_len, cchWideChar != 0 ? lpWideCharStr : NULL,
                        (size_t)cchWideChar, &valid);
    return finish(n, cchWideChar, valid, (dwFlags & MB_ERR_INVALID_CHARS) != 0);
}

int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWSTR lpWideCharStr, int cchWideChar,
                               LPSTR lpMultiByteStr, int cbMultiByte, LPCSTR lpDefaultChar,
                               LPBOOL lpUsedDefaultChar)
{
    if (!arguments_valid(CodePage, lpWideCharStr, cchWideChar, lpMultiByteStr, cbMultiByte) ||
        (CodePage == CP_UTF8 && (lpDefaultChar != NULL || lpUsedDefaultChar != NULL)))
        return fail_zero(ERROR_INVALID_PARAMETER);
    size_t text_len = cchWideChar < 0 ? win_utf16_len(lpWideCharStr) + 1 : (size_t)cchWideChar;
    bool valid;
    size_t n = to_utf8(lpWideCharStr, text_len, cbMultiByte != 0 ? lpMultiByteStr : NULL,
                       (size_t)cbMultiByte, &valid);
    if (lpUsedDefaultChar != NULL)
        *lpUsedDefaultChar = !valid;
    return finish(n, cbMultiByte, valid, (dwFlags & WC_ERR_INVALID_CHARS) != 0);
}
