/* SPDX-License-Identifier: MIT */
/* libcrypto's headers beside wincrypt.h: some of its types carry names that are macros there. */
#ifndef SCHANNEL_CRYPT32_OPENSSL_H
#define SCHANNEL_CRYPT32_OPENSSL_H

#include <wincrypt.h>

#undef X509_NAME
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO
#undef PKCS7_ISSUER_AND_SERIAL
#undef OCSP_REQUEST
#undef OCSP_RESPONSE

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#endif
