/* SPDX-License-Identifier: MIT */
/* Conversions of the C library on UTF-16, and a main with wide arguments. */
#include "parts/crt.h"

#include "win/win.h"

SIZE_T schannel_mbstowcs(WCHAR *to, const char *from, SIZE_T n)
{
    size_t len = win_utf16_from_utf8(from, strlen(from), NULL, 0);
    if (to == NULL)
        return len;
    win_utf16_from_utf8(from, strlen(from), to, n);
    if (len < n)
        to[len] = 0;
    return len < n ? len : n;
}

SIZE_T schannel_wcstombs(char *to, const WCHAR *from, SIZE_T n)
{
    size_t units = win_utf16_len(from);
    size_t len = win_utf8_from_utf16(from, units, NULL, 0);
    if (to == NULL)
        return len;
    win_utf8_from_utf16(from, units, to, n);
    if (len < n)
        to[len] = 0;
    return len < n ? len : n;
}

int schannel_wide_main(int (*program)(int count, WCHAR **arguments), int count, char **arguments)
{
    size_t made = 0;
    size_t wanted = count > 0 ? (size_t)count : 0;
    int status = 1;
    WCHAR **wide = mem_array(wanted + 1, sizeof *wide);
    if (wide == NULL)
        return status;
    while (made < wanted && (wide[made] = win_utf16_dup(arguments[made])) != NULL)
        made++;
    if (made == wanted)
        status = program(count, wide);
    /* The program may have changed the array, not what it was given. */
    for (size_t i = 0; i < made; i++)
        mem_free(wide[i]);
    mem_free(wide);
    return status;
}
