/* SPDX-License-Identifier: MIT */
/*
 * Stands before OpenSSL's header of the same name: three names are constants in wincrypt.h and
 * types there. On Windows OpenSSL takes the constants away itself; elsewhere it does not know of
 * them. So in a file that has both, in either order, these names mean OpenSSL's types, and the
 * constants are written as numbers.
 */
#if defined(__GNUC__)
#pragma GCC system_header
#endif

#undef X509_NAME
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO

#include_next <openssl/types.h>
