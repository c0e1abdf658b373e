/* SPDX-License-Identifier: MIT */
/* Neutral text: char without UNICODE, WCHAR with it. */
#ifndef SCHANNEL_TCHAR_H
#define SCHANNEL_TCHAR_H

#include "windows.h"

#define _T(text)    TEXT(text)
#define _TEXT(text) TEXT(text)
#ifdef UNICODE
#define _tcslen  schannel_wcslen
#define _tcscmp  schannel_wcscmp
#define _tcsicmp schannel_wcsicmp
#define _tcscpy  schannel_wcscpy
#define _tcscat  schannel_wcscat
#define _tcschr  schannel_wcschr
#else
#define _tcslen   strlen
#define _tcscmp   strcmp
#define _tcsicmp  strcasecmp
#define _tcscpy   strcpy
#define _tcscat   strcat
#define _tcschr   strchr
#define _tprintf  printf
#define _stprintf sprintf
#define _tmain    main
#endif

#endif
