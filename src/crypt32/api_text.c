/* SPDX-License-Identifier: MIT */
/*
 * CryptStringToBinary and CryptBinaryToString: sizes, flags and last errors over text.c. What was
 * decoded may be a private key, so it passes through wiped memory only.
 */
#include "crypt32/text.h"
#include "win/win.h"

/* The form, and the flags that mean something when reading. */
static const DWORD readable_flags =
    CRYPT_STRING_ENCODEMASK | CRYPT_STRING_HASHDATA | CRYPT_STRING_STRICT | CRYPT_STRING_NOCRLF;

static DWORD last_error_of(err result)
{
    if (result == ERR_NO_MEMORY)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (result == ERR_ARGUMENT)
        return ERROR_INVALID_PARAMETER;
    return result == ERR_OUTPUT_TOO_SMALL ? ERROR_MORE_DATA : ERROR_INVALID_DATA;
}

/* A buffer that is too small gets nothing, or of hexadecimal digits what fits. */
static BOOL give_bytes(struct span bytes, DWORD form, BYTE *out, DWORD *inout_size)
{
    DWORD room = *inout_size;
    *inout_size = (DWORD)bytes.n;
    if (out == NULL)
        return TRUE;
    if (bytes.n <= room) {
        mem_copy(out, bytes.p, bytes.n);
        return TRUE;
    }
    if (text_is_hex(form))
        mem_copy(out, bytes.p, room);
    return win_fail(ERROR_MORE_DATA);
}

static BOOL to_binary(struct span text, DWORD flags, BYTE *out, DWORD *inout_size, DWORD *out_skip,
                      DWORD *out_form)
{
    struct buf bytes;
    struct text_found found = {0};
    if ((flags & ~readable_flags) != 0)
        return win_fail(ERROR_INVALID_DATA);
    buf_init(&bytes, text.n + 4);
    err result = text_decode(text, flags, &bytes, &found);
    BOOL done = result == OK ? give_bytes(buf_span(&bytes), found.form, out, inout_size)
                             : win_fail(last_error_of(result));
    buf_release(&bytes);
    if (result != OK)
        return FALSE;
    if (out_skip != NULL)
        *out_skip = (DWORD)found.skipped;
    if (out_form != NULL)
        *out_form = found.form;
    return done;
}

BOOL WINAPI CryptStringToBinaryA(LPCSTR pszString, DWORD cchString, DWORD dwFlags, BYTE *pbBinary,
                                 DWORD *pcbBinary, DWORD *pdwSkip, DWORD *pdwFlags)
{
    if (pszString == NULL || pcbBinary == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    size_t n = cchString != 0 ? cchString : strlen(pszString);
    return to_binary(span_of(pszString, n), dwFlags, pbBinary, pcbBinary, pdwSkip, pdwFlags);
}

/* One byte a character; what does not fit one is 0xFF, which stands in no text form. */
static uint8_t *narrow(const WCHAR *text, size_t n, bool *out_is_bytes)
{
    uint8_t *bytes = mem_alloc(n);
    *out_is_bytes = true;
    for (size_t i = 0; bytes != NULL && i < n; i++) {
        *out_is_bytes = *out_is_bytes && text[i] <= 0xFF;
        bytes[i] = text[i] <= 0xFF ? (uint8_t)text[i] : 0xFF;
    }
    return bytes;
}

BOOL WINAPI CryptStringToBinaryW(LPCWSTR pszString, DWORD cchString, DWORD dwFlags, BYTE *pbBinary,
                                 DWORD *pcbBinary, DWORD *pdwSkip, DWORD *pdwFlags)
{
    if (pszString == NULL || pcbBinary == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    size_t n = cchString != 0 ? cchString : win_utf16_len(pszString);
    bool is_bytes;
    uint8_t *text = narrow(pszString, n, &is_bytes);
    if (text == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    /* Bytes as they are cannot be had from wider characters. */
    DWORD form = dwFlags & CRYPT_STRING_ENCODEMASK;
    if (!is_bytes && form == CRYPT_STRING_ANY)
        dwFlags = (dwFlags & ~(DWORD)CRYPT_STRING_ENCODEMASK) | CRYPT_STRING_BASE64_ANY;
    BOOL done = !is_bytes && form == CRYPT_STRING_BINARY
                    ? win_fail(ERROR_INVALID_DATA)
                    : to_binary(span_of(text, n), dwFlags, pbBinary, pcbBinary, pdwSkip, pdwFlags);
    mem_free(text);
    return done;
}

/* ---- CryptBinaryToString ----------------------------------------------------------------- */

/* A byte of hexadecimal is the longest: an address, 16 * 3 + 1 digits and blanks, the column. */
static size_t longest_text(DWORD size)
{
    return 256 + (size_t)size * 32;
}

static BOOL text_of(struct buf *text, const BYTE *bytes, DWORD size, DWORD flags,
                    const DWORD *inout_cch)
{
    buf_init(text, longest_text(size));
    if (bytes == NULL || inout_cch == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    err result = text_encode(text, span_of(bytes, size), flags);
    if (result == OK && (flags & CRYPT_STRING_ENCODEMASK) != CRYPT_STRING_BINARY) {
        wr_u8(text, 0);
        result = buf_check(text);
    }
    if (result == OK && text->n > UINT32_MAX)
        result = FAIL(ERR_ARGUMENT);
    return result == OK ? TRUE : win_fail(last_error_of(result));
}

/* Characters without the NUL, which is the last one but in bytes as they are. */
static DWORD written_of(const struct buf *text, DWORD flags)
{
    bool is_binary = (flags & CRYPT_STRING_ENCODEMASK) == CRYPT_STRING_BINARY;
    return (DWORD)text->n - (is_binary ? 0 : 1);
}

BOOL WINAPI CryptBinaryToStringA(const BYTE *pbBinary, DWORD cbBinary, DWORD dwFlags,
                                 LPSTR pszString, DWORD *pcchString)
{
    struct buf text;
    BOOL done = text_of(&text, pbBinary, cbBinary, dwFlags, pcchString);
    if (done && pszString == NULL) {
        *pcchString = (DWORD)text.n;
    } else if (done && text.n > *pcchString) {
        mem_copy(pszString, text.p, *pcchString);
        *pcchString = (DWORD)text.n;
        done = win_fail(ERROR_MORE_DATA);
    } else if (done) {
        mem_copy(pszString, text.p, text.n);
        *pcchString = written_of(&text, dwFlags);
    }
    buf_release(&text);
    return done;
}

BOOL WINAPI CryptBinaryToStringW(const BYTE *pbBinary, DWORD cbBinary, DWORD dwFlags,
                                 LPWSTR pszString, DWORD *pcchString)
{
    struct buf text;
    BOOL done = text_of(&text, pbBinary, cbBinary, dwFlags, pcchString);
    if (done && (pszString == NULL || text.n > *pcchString)) {
        done = pszString == NULL ? TRUE : win_fail(ERROR_MORE_DATA);
        *pcchString = (DWORD)text.n;
    } else if (done) {
        for (size_t i = 0; i < text.n; i++)
            pszString[i] = text.p[i];
        *pcchString = written_of(&text, dwFlags);
    }
    buf_release(&text);
    return done;
}
