/* SPDX-License-Identifier: MIT */
/* The everyday types and macros of Windows programs, over winnt.h. */
#ifndef SCHANNEL_WINDEF_H
#define SCHANNEL_WINDEF_H

#include "winnt.h"

typedef int BOOL;
typedef unsigned short WORD;
typedef unsigned int DWORD;
typedef BOOL *PBOOL, *LPBOOL;
typedef BYTE *PBYTE, *LPBYTE;
typedef const BYTE *PCBYTE;
typedef int *PINT, *LPINT;
typedef WORD *PWORD, *LPWORD;
typedef LONG *LPLONG;
typedef DWORD *PDWORD, *LPDWORD;
typedef UINT *PUINT;
typedef FLOAT *PFLOAT;
typedef WORD ATOM;
typedef WORD LANGID;
typedef DWORD LCID;

typedef UINT_PTR WPARAM;
typedef LONG_PTR LPARAM;
typedef LONG_PTR LRESULT;
typedef INT_PTR (*FARPROC)(void);
typedef INT_PTR (*PROC)(void);

DECLARE_HANDLE(HINSTANCE);
DECLARE_HANDLE(HWND);
DECLARE_HANDLE(HKEY);
typedef HINSTANCE HMODULE;
typedef HANDLE HGLOBAL;
typedef HANDLE HLOCAL;
typedef HKEY *PHKEY;

/* 100 ns ticks since 1601-01-01 00:00 UTC. */
typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif
#define MAX_PATH 260

/* As macros they would break the C++ library: there they are functions, weaker than std::min. */
#ifndef NOMINMAX
#ifndef __cplusplus
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#elif __cplusplus >= 201103L
extern "C++" {
#ifndef max
template <typename A, typename B>
constexpr auto max(const A &a, const B &b) -> decltype(true ? A() : B())
{
    return a > b ? a : b;
}
#endif
#ifndef min
template <typename A, typename B>
constexpr auto min(const A &a, const B &b) -> decltype(true ? A() : B())
{
    return a < b ? a : b;
}
#endif
}
#endif
#endif

#define MAKEWORD(low, high)                                                                        \
    ((WORD)(((BYTE)((DWORD_PTR)(low)&0xff)) | ((WORD)((BYTE)((DWORD_PTR)(high)&0xff))) << 8))
#define MAKELONG(low, high)                                                                        \
    ((LONG)(((WORD)((DWORD_PTR)(low)&0xffff)) | ((DWORD)((WORD)((DWORD_PTR)(high)&0xffff))) << 16))
#define LOWORD(value) ((WORD)((DWORD_PTR)(value)&0xffff))
#define HIWORD(value) ((WORD)(((DWORD_PTR)(value) >> 16) & 0xffff))
#define LOBYTE(value) ((BYTE)((DWORD_PTR)(value)&0xff))
#define HIBYTE(value) ((BYTE)(((DWORD_PTR)(value) >> 8) & 0xff))

SCHANNEL_SIZE(BOOL, 4);
SCHANNEL_SIZE(DWORD, 4);
SCHANNEL_SIZE(WORD, 2);
SCHANNEL_SIZE(FILETIME, 8);
SCHANNEL_AT(FILETIME, dwHighDateTime, 4);

#endif
