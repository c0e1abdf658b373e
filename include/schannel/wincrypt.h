/* SPDX-License-Identifier: MIT */
/* Certificates, stores, keys and chains: the slice of crypt32 that Schannel programs use. */
#ifndef SCHANNEL_WINCRYPT_H
#define SCHANNEL_WINCRYPT_H

#include "windef.h"
#include "winerror.h"
#include "parts/time.h"
#include "parts/wincrypt_algorithms.h"
#include "parts/wincrypt_encoding.h"
#include "parts/wincrypt_stores.h"
#include "parts/wincrypt_names.h"
#include "parts/wincrypt_chains.h"
#include "parts/wincrypt_types.h"
#include "parts/wincrypt_objects.h"
#include "parts/wincrypt_functions.h"
#include "parts/wincrypt_crl.h"
#include "parts/wincrypt_store_functions.h"
#include "parts/wincrypt_codec.h"
#include "parts/wincrypt_usage.h"
#include "parts/wincrypt_keys.h"
#include "parts/wincrypt_signing.h"
#include "parts/wincrypt_files.h"
#include "parts/wincrypt_find_chain.h"

#endif
