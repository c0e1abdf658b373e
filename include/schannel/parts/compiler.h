/* SPDX-License-Identifier: MIT */
/*
 * Compiler words that Windows sources expect and that mean nothing on Linux, the choice between
 * the A and the W form of a name, and the compile-time layout checks. Included by every other
 * header of this folder; declares no Microsoft type.
 */
#ifndef SCHANNEL_PARTS_COMPILER_H
#define SCHANNEL_PARTS_COMPILER_H

#include <stddef.h>
#include <stdint.h>

/* The neutral name of an A/W pair: W under UNICODE, else A. */
#ifdef UNICODE
#define SCHANNEL_AW(name) name##W
#else
#define SCHANNEL_AW(name) name##A
#endif

/* A 16-bit literal: L"" where wchar_t has 16 bits (-fshort-wchar), else u"". */
#if __SIZEOF_WCHAR_T__ == 2
#define SCHANNEL_WIDE_PASTE(text) L##text
#else
#define SCHANNEL_WIDE_PASTE(text) u##text
#endif
#define SCHANNEL_WIDE(text) SCHANNEL_WIDE_PASTE(text)

#ifdef __cplusplus
#define SCHANNEL_ASSERT(condition, text) static_assert(condition, text)
#else
#define SCHANNEL_ASSERT(condition, text) _Static_assert(condition, text)
#endif

/* Layout of 64-bit Windows, checked with the flags of each consumer. */
#if __SIZEOF_POINTER__ == 8
#define SCHANNEL_SIZE(type, bytes) SCHANNEL_ASSERT(sizeof(type) == (bytes), #type " size")
#define SCHANNEL_AT(type, field, bytes)                                                            \
    SCHANNEL_ASSERT(offsetof(type, field) == (bytes), #type "." #field " offset")
#else
#define SCHANNEL_SIZE(type, bytes) SCHANNEL_ASSERT(sizeof(type) > 0, #type " size")
#define SCHANNEL_AT(type, field, bytes)                                                            \
    SCHANNEL_ASSERT(offsetof(type, field) < sizeof(type), #type "." #field " offset")
#endif

#ifndef EXTERN_C
#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif
#endif

/* Calling conventions: x86-64 and arm64 Linux have one. */
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __cdecl
#define __cdecl
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef _cdecl
#define _cdecl
#endif
#ifndef __declspec
#define __declspec(word)
#endif
#ifndef __forceinline
#define __forceinline static inline __attribute__((always_inline))
#endif
#ifndef __int64
#define __int64 long long
#endif
#ifndef __int32
#define __int32 int
#endif
#ifndef __int16
#define __int16 short
#endif
#ifndef __int8
#define __int8 char
#endif
#define WINAPI
#define WINAPIV
#define APIENTRY
#define APIPRIVATE
#define CALLBACK
#define PASCAL
#define WSAAPI
#define NTAPI
#define DECLSPEC_IMPORT
#define WINBASEAPI
#define WINADVAPI
#define WINCRYPT32API
#define NTSYSAPI
#define FAR
#define NEAR
#ifndef CONST
#define CONST const
#endif
#ifndef VOID
#define VOID void
#endif
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif
#ifndef UNALIGNED
#define UNALIGNED
#endif

/* Source annotations. The old forms without a capital are left out: C++ libraries use them. */
#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(size)
#define _In_reads_opt_(size)
#define _In_reads_z_(size)
#define _In_reads_bytes_(size)
#define _In_reads_bytes_opt_(size)
#define _In_range_(low, high)
#define _Out_
#define _Out_opt_
#define _Out_writes_(size)
#define _Out_writes_opt_(size)
#define _Out_writes_z_(size)
#define _Out_writes_bytes_(size)
#define _Out_writes_bytes_opt_(size)
#define _Out_writes_to_(size, count)
#define _Out_writes_to_opt_(size, count)
#define _Out_writes_bytes_to_(size, count)
#define _Out_writes_bytes_to_opt_(size, count)
#define _Out_writes_all_(size)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_result_bytebuffer_(size)
#define _Inout_
#define _Inout_opt_
#define _Inout_updates_(size)
#define _Inout_updates_opt_(size)
#define _Inout_updates_bytes_(size)
#define _Inout_updates_bytes_opt_(size)
#define _Deref_out_
#define _Deref_opt_out_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Reserved_
#define _Null_terminated_
#define _Field_size_(size)
#define _Field_size_opt_(size)
#define _Field_size_bytes_(size)
#define _Field_size_bytes_opt_(size)
#define _Field_z_
#define _Success_(expression)
#define _When_(expression, annotation)
#define _At_(target, annotation)
#define _Check_return_
#define _Must_inspect_result_
#define _Frees_ptr_
#define _Frees_ptr_opt_
#define _Printf_format_string_
#define _Pre_satisfies_(expression)
#define _Post_satisfies_(expression)
#define _IRQL_requires_max_(level)
#define _Use_decl_annotations_
#define _Function_class_(name)
#define _Analysis_assume_(expression)

#endif
