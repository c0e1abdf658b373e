/* SPDX-License-Identifier: MIT */
/*
 * What Windows sources expect from <windows.h>, as far as Schannel programs need it. Under
 * -fshort-wchar the wide functions of the C library work on the wrong width, so they are redirected
 * to UTF-16 forms.
 */
#ifndef SCHANNEL_WINDOWS_H
#define SCHANNEL_WINDOWS_H

#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include "windef.h"
#include "winerror.h"
#include "winbase.h"
#ifndef WIN32_LEAN_AND_MEAN
#include "wincrypt.h"
#endif

#if __SIZEOF_WCHAR_T__ == 2 && !defined(__cplusplus)
#define wcslen   schannel_wcslen
#define wcscmp   schannel_wcscmp
#define wcsncmp  schannel_wcsncmp
#define _wcsicmp schannel_wcsicmp
#define wcscpy   schannel_wcscpy
#define wcsncpy  schannel_wcsncpy
#define wcscat   schannel_wcscat
#define wcschr   schannel_wcschr
#define wcsrchr  schannel_wcsrchr
#define wcsstr   schannel_wcsstr
#endif
#ifndef __cplusplus
#define _stricmp  strcasecmp
#define _strnicmp strncasecmp
#endif

#endif
