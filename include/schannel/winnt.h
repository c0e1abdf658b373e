/* SPDX-License-Identifier: MIT */
/*
 * Base types of Windows with the sizes of 64-bit Windows on LP64 Linux: LONG, ULONG and DWORD
 * have 32 bits whatever `long` has, WCHAR is one 16-bit UTF-16 unit. WCHAR is wchar_t itself
 * when the consumer is built with -fshort-wchar, so that L"" literals fit; otherwise it is
 * char16_t and u"" literals fit. _WIN32 is deliberately not defined.
 */
#ifndef SCHANNEL_WINNT_H
#define SCHANNEL_WINNT_H

#include "parts/compiler.h"
#if __SIZEOF_WCHAR_T__ == 2 && defined(__cplusplus)
#include "parts/wide_cxx.h"
#endif

typedef void *PVOID;
typedef void *LPVOID;
typedef const void *LPCVOID;
typedef const void *PCVOID;

typedef char CHAR;
typedef short SHORT;
typedef int INT;
typedef int LONG;
typedef unsigned char UCHAR;
typedef unsigned short USHORT;
typedef unsigned int UINT;
typedef unsigned int ULONG;
typedef long long LONGLONG;
typedef unsigned long long ULONGLONG;
typedef float FLOAT;
typedef double DOUBLE;

typedef signed char INT8;
typedef short INT16;
typedef int INT32;
typedef long long INT64;
typedef unsigned char UINT8;
typedef unsigned short UINT16;
typedef unsigned int UINT32;
typedef unsigned long long UINT64;
typedef int LONG32;
typedef long long LONG64;
typedef unsigned int ULONG32;
typedef unsigned int DWORD32;
typedef unsigned long long ULONG64;
typedef unsigned long long DWORD64;
typedef unsigned long long DWORDLONG;

typedef __INTPTR_TYPE__ INT_PTR;
typedef __INTPTR_TYPE__ LONG_PTR;
typedef __UINTPTR_TYPE__ UINT_PTR;
typedef __UINTPTR_TYPE__ ULONG_PTR;
typedef __UINTPTR_TYPE__ DWORD_PTR;
typedef __UINTPTR_TYPE__ SIZE_T;
typedef __INTPTR_TYPE__ SSIZE_T;
typedef ULONG_PTR *PULONG_PTR;
typedef DWORD_PTR *PDWORD_PTR;
typedef SIZE_T *PSIZE_T;

typedef unsigned char BYTE;
typedef BYTE BOOLEAN;
typedef BOOLEAN *PBOOLEAN;

typedef CHAR *PCHAR, *LPCH, *PCH, *NPSTR, *LPSTR, *PSTR;
typedef const CHAR *LPCCH, *PCCH, *LPCSTR, *PCSTR;
typedef SHORT *PSHORT;
typedef LONG *PLONG;
typedef INT32 *PINT32;
typedef INT64 *PINT64;
typedef UCHAR *PUCHAR;
typedef const UCHAR *PCUCHAR;
typedef USHORT *PUSHORT;
typedef ULONG *PULONG;
typedef UINT8 *PUINT8;
typedef UINT16 *PUINT16;
typedef UINT32 *PUINT32;
typedef UINT64 *PUINT64;
typedef LONGLONG *PLONGLONG;
typedef ULONGLONG *PULONGLONG;

#if __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR;
#elif defined(__cplusplus)
typedef char16_t WCHAR;
#else
typedef __CHAR16_TYPE__ WCHAR;
#endif
typedef WCHAR *PWCHAR, *LPWCH, *PWCH, *NWPSTR, *LPWSTR, *PWSTR;
typedef const WCHAR *LPCWCH, *PCWCH, *LPCWSTR, *PCWSTR, *LPCWCHAR, *PCWCHAR;
typedef PWSTR *PZPWSTR;

#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR, TBYTE, *PTBYTE;
typedef LPWSTR LPTCH, PTCH, PTSTR, LPTSTR;
typedef LPCWSTR PCTSTR, LPCTSTR;
#define __TEXT(quote) SCHANNEL_WIDE(quote)
#else
typedef char TCHAR, *PTCHAR;
typedef unsigned char TBYTE, *PTBYTE;
typedef LPSTR LPTCH, PTCH, PTSTR, LPTSTR;
typedef LPCSTR PCTSTR, LPCTSTR;
#define __TEXT(quote) quote
#endif
#define _TCHAR_DEFINED
#define TEXT(quote) __TEXT(quote)

typedef void *HANDLE;
typedef HANDLE *PHANDLE;
#define DECLARE_HANDLE(name)                                                                       \
    struct name##__ {                                                                              \
        int unused;                                                                                \
    };                                                                                             \
    typedef struct name##__ *name

typedef LONG HRESULT;
typedef LONG NTSTATUS;
typedef NTSTATUS *PNTSTATUS;
#define NT_SUCCESS(status) (((NTSTATUS)(status)) >= 0)
#ifndef STATUS_SUCCESS
#define STATUS_SUCCESS ((NTSTATUS)0x00000000)
#endif
#define STATUS_INVALID_PARAMETER ((NTSTATUS)0xC000000D)
#define STATUS_NO_MEMORY         ((NTSTATUS)0xC0000017)
#define STATUS_NOT_SUPPORTED     ((NTSTATUS)0xC00000BB)
#define STATUS_LOGON_FAILURE     ((NTSTATUS)0xC000006D)
#define STATUS_WAIT_0            ((DWORD)0x00000000)
#define STATUS_TIMEOUT           ((DWORD)0x00000102)

typedef DWORD32 ACCESS_MASK;
typedef ACCESS_MASK *PACCESS_MASK;

/* Two halves and one whole; the whole gives it 8-byte alignment, as on Windows. */
typedef union _LARGE_INTEGER {
    __extension__ struct {
        DWORD32 LowPart;
        LONG HighPart;
    };
    struct {
        DWORD32 LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    __extension__ struct {
        DWORD32 LowPart;
        DWORD32 HighPart;
    };
    struct {
        DWORD32 LowPart;
        DWORD32 HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _LUID {
    DWORD32 LowPart;
    LONG HighPart;
} LUID, *PLUID;

#ifndef GUID_DEFINED
#define GUID_DEFINED
typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    UCHAR Data4[8];
} GUID;
typedef GUID *LPGUID;
typedef const GUID *LPCGUID;
typedef GUID IID;
typedef GUID CLSID;
typedef GUID UUID;
#endif

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

#define ANYSIZE_ARRAY 1

#define MINCHAR  0x80
#define MAXCHAR  0x7f
#define MINSHORT 0x8000
#define MAXSHORT 0x7fff
#define MINLONG  0x80000000
#define MAXLONG  0x7fffffff
#define MAXBYTE  0xff
#define MAXWORD  0xffff
#define MAXDWORD 0xffffffff
#ifndef MAXINT
#define MAXINT 0x7fffffff
#endif
#ifndef MAXUINT32
#define MAXUINT32 ((UINT32) ~((UINT32)0))
#endif

#define LANG_NEUTRAL             0x00
#define LANG_ENGLISH             0x09
#define SUBLANG_NEUTRAL          0x00
#define SUBLANG_DEFAULT          0x01
#define SUBLANG_SYS_DEFAULT      0x02
#define SUBLANG_ENGLISH_US       0x01
#define MAKELANGID(primary, sub) ((((USHORT)(sub)) << 10) | (USHORT)(primary))
#define PRIMARYLANGID(lang)      ((USHORT)((lang)&0x3ff))
#define SUBLANGID(lang)          ((USHORT)((USHORT)(lang) >> 10))

#define DELETE          0x00010000
#define READ_CONTROL    0x00020000
#define SYNCHRONIZE     0x00100000
#define GENERIC_READ    0x80000000
#define GENERIC_WRITE   0x40000000
#define GENERIC_EXECUTE 0x20000000
#define GENERIC_ALL     0x10000000

#define FIELD_OFFSET(type, field)   ((LONG)offsetof(type, field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_NUMBER_OF(array)        (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array)            RTL_NUMBER_OF(array)
#ifndef _countof
#define _countof(array) RTL_NUMBER_OF(array)
#endif
#define UNREFERENCED_PARAMETER(parameter)         ((void)(parameter))
#define DBG_UNREFERENCED_PARAMETER(parameter)     ((void)(parameter))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(variable) ((void)(variable))
#ifndef C_ASSERT
#define C_ASSERT(condition) SCHANNEL_ASSERT(condition, #condition)
#endif

SCHANNEL_SIZE(LONG, 4);
SCHANNEL_SIZE(ULONG, 4);
SCHANNEL_SIZE(WCHAR, 2);
SCHANNEL_SIZE(ULONG_PTR, 8);
SCHANNEL_SIZE(HANDLE, 8);
SCHANNEL_SIZE(LARGE_INTEGER, 8);
SCHANNEL_AT(LARGE_INTEGER, HighPart, 4);
SCHANNEL_SIZE(GUID, 16);
SCHANNEL_SIZE(LUID, 8);

#endif
