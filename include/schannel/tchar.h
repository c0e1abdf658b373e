/* SPDX-License-Identifier: MIT */
/* Neutral text: char without UNICODE, WCHAR with it. */
#ifndef SCHANNEL_TCHAR_H
#define SCHANNEL_TCHAR_H

#include "windows.h"

#define _TCHAR TCHAR

#define _T(text)    TEXT(text)
#define _TEXT(text) TEXT(text)
#ifdef UNICODE
#define _tcslen     schannel_wcslen
#define _tcscmp     schannel_wcscmp
#define _tcsncmp    schannel_wcsncmp
#define _tcsicmp    schannel_wcsicmp
#define _tcscpy     schannel_wcscpy
#define _tcsncpy    schannel_wcsncpy
#define _tcscat     schannel_wcscat
#define _tcschr     schannel_wcschr
#define _tcsrchr    schannel_wcsrchr
#define _tcsstr     schannel_wcsstr
#define _tcscpy_s   schannel_wcscpy_s
#define _tcsncpy_s  schannel_wcsncpy_s
#define _tcscat_s   schannel_wcscat_s
#define _tcsdup     schannel_wcsdup
#define _ttoi       schannel_wtoi
#define _tprintf    schannel_wprintf
#define _ftprintf   schannel_fwprintf
#define _vftprintf  schannel_vfwprintf
#define _stprintf_s schannel_snwprintf
#define _sntprintf  schannel_snwprintf
#define _vsntprintf schannel_vsnwprintf
#define _tmain      SCHANNEL_WIDE_MAIN
#else
#define _tcslen     strlen
#define _tcscmp     strcmp
#define _tcsncmp    strncmp
#define _tcsicmp    strcasecmp
#define _tcsnicmp   strncasecmp
#define _tcscpy     strcpy
#define _tcsncpy    strncpy
#define _tcscat     strcat
#define _tcschr     strchr
#define _tcsrchr    strrchr
#define _tcsstr     strstr
#define _tcscpy_s   strcpy_s
#define _tcsncpy_s  strncpy_s
#define _tcscat_s   strcat_s
#define _tcsdup     _strdup
#define _tcstol     strtol
#define _ttoi       atoi
#define _itot       _itoa
#define _tprintf    printf
#define _ftprintf   fprintf
#define _vftprintf  vfprintf
#define _stprintf   sprintf
#define _stprintf_s sprintf_s
#define _sntprintf  _snprintf
#define _vsntprintf _vsnprintf
#define _tfopen     fopen
#define _tmain      main
#endif

#endif
