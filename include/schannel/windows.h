/* SPDX-License-Identifier: MIT */
/*
 * What Windows sources expect from <windows.h>, as far as Schannel programs need it. Under
 * -fshort-wchar the wide functions of the C library work on the wrong width, so they are redirected
 * to UTF-16 forms.
 */
#ifndef SCHANNEL_WINDOWS_H
#define SCHANNEL_WINDOWS_H

#include <stdarg.h>

#include "windef.h"
#include "winerror.h"
#include "winbase.h"
#include "parts/crt.h"
#ifndef WIN32_LEAN_AND_MEAN
#include "wincrypt.h"
#endif

#endif
