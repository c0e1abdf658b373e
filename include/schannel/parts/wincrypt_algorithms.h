/* SPDX-License-Identifier: MIT */
/*
 * Numbers of CryptoAPI: algorithm identifiers, providers, key containers. Most are here because
 * programs name them in SCHANNEL_CRED.palgSupportedAlgs, CRYPT_KEY_PROV_INFO or compare them with
 * SecPkgContext_ConnectionInfo.
 */
#ifndef SCHANNEL_PARTS_WINCRYPT_ALGORITHMS_H
#define SCHANNEL_PARTS_WINCRYPT_ALGORITHMS_H

typedef unsigned int ALG_ID;

#define GET_ALG_CLASS(id) ((id) & (7 << 13))
#define GET_ALG_TYPE(id)  ((id) & (15 << 9))
#define GET_ALG_SID(id)   ((id) & (511))

/* Classes, types and members of an ALG_ID. */
#define ALG_CLASS_ANY                0x00000000
#define ALG_CLASS_SIGNATURE          0x00002000
#define ALG_CLASS_MSG_ENCRYPT        0x00004000
#define ALG_CLASS_DATA_ENCRYPT       0x00006000
#define ALG_CLASS_HASH               0x00008000
#define ALG_CLASS_KEY_EXCHANGE       0x0000A000
#define ALG_CLASS_ALL                0x0000E000
#define ALG_TYPE_ANY                 0x00000000
#define ALG_TYPE_DSS                 0x00000200
#define ALG_TYPE_RSA                 0x00000400
#define ALG_TYPE_BLOCK               0x00000600
#define ALG_TYPE_STREAM              0x00000800
#define ALG_TYPE_DH                  0x00000A00
#define ALG_TYPE_SECURECHANNEL       0x00000C00
#define ALG_TYPE_ECDH                0x00000E00
#define ALG_SID_ANY                  0x00000000
#define ALG_SID_RSA_ANY              0
#define ALG_SID_RSA_PKCS             1
#define ALG_SID_RSA_MSATWORK         2
#define ALG_SID_RSA_ENTRUST          3
#define ALG_SID_RSA_PGP              4
#define ALG_SID_DSS_ANY              0
#define ALG_SID_DSS_PKCS             1
#define ALG_SID_DSS_DMS              2
#define ALG_SID_ECDSA                3
#define ALG_SID_DES                  1
#define ALG_SID_3DES                 3
#define ALG_SID_DESX                 4
#define ALG_SID_IDEA                 5
#define ALG_SID_CAST                 6
#define ALG_SID_SAFERSK64            7
#define ALG_SID_SAFERSK128           8
#define ALG_SID_3DES_112             9
#define ALG_SID_SKIPJACK             10
#define ALG_SID_TEK                  11
#define ALG_SID_CYLINK_MEK           12
#define ALG_SID_RC5                  13
#define ALG_SID_AES_128              14
#define ALG_SID_AES_192              15
#define ALG_SID_AES_256              16
#define ALG_SID_AES                  17
#define ALG_SID_RC2                  2
#define ALG_SID_RC4                  1
#define ALG_SID_SEAL                 2
#define ALG_SID_DH_SANDF             1
#define ALG_SID_DH_EPHEM             2
#define ALG_SID_AGREED_KEY_ANY       3
#define ALG_SID_KEA                  4
#define ALG_SID_ECDH                 5
#define ALG_SID_ECDH_EPHEM           6
#define ALG_SID_MD2                  1
#define ALG_SID_MD4                  2
#define ALG_SID_MD5                  3
#define ALG_SID_SHA                  4
#define ALG_SID_SHA1                 4
#define ALG_SID_MAC                  5
#define ALG_SID_RIPEMD               6
#define ALG_SID_RIPEMD160            7
#define ALG_SID_SSL3SHAMD5           8
#define ALG_SID_HMAC                 9
#define ALG_SID_TLS1PRF              10
#define ALG_SID_HASH_REPLACE_OWF     11
#define ALG_SID_SHA_256              12
#define ALG_SID_SHA_384              13
#define ALG_SID_SHA_512              14
#define ALG_SID_SSL3_MASTER          1
#define ALG_SID_SCHANNEL_MASTER_HASH 2
#define ALG_SID_SCHANNEL_MAC_KEY     3
#define ALG_SID_PCT1_MASTER          4
#define ALG_SID_SSL2_MASTER          5
#define ALG_SID_TLS1_MASTER          6
#define ALG_SID_SCHANNEL_ENC_KEY     7
#define ALG_SID_ECMQV                1
#define ALG_SID_EXAMPLE              80

/* Algorithms. */
#define CALG_MD2                  0x00008001
#define CALG_MD4                  0x00008002
#define CALG_MD5                  0x00008003
#define CALG_SHA                  0x00008004
#define CALG_SHA1                 0x00008004
#define CALG_MAC                  0x00008005
#define CALG_RSA_SIGN             0x00002400
#define CALG_DSS_SIGN             0x00002200
#define CALG_NO_SIGN              0x00002000
#define CALG_RSA_KEYX             0x0000A400
#define CALG_DES                  0x00006601
#define CALG_3DES_112             0x00006609
#define CALG_3DES                 0x00006603
#define CALG_DESX                 0x00006604
#define CALG_RC2                  0x00006602
#define CALG_RC4                  0x00006801
#define CALG_SEAL                 0x00006802
#define CALG_DH_SF                0x0000AA01
#define CALG_DH_EPHEM             0x0000AA02
#define CALG_AGREEDKEY_ANY        0x0000AA03
#define CALG_KEA_KEYX             0x0000AA04
#define CALG_HUGHES_MD5           0x0000A003
#define CALG_SKIPJACK             0x0000660A
#define CALG_TEK                  0x0000660B
#define CALG_CYLINK_MEK           0x0000660C
#define CALG_SSL3_SHAMD5          0x00008008
#define CALG_SSL3_MASTER          0x00004C01
#define CALG_SCHANNEL_MASTER_HASH 0x00004C02
#define CALG_SCHANNEL_MAC_KEY     0x00004C03
#define CALG_SCHANNEL_ENC_KEY     0x00004C07
#define CALG_PCT1_MASTER          0x00004C04
#define CALG_SSL2_MASTER          0x00004C05
#define CALG_TLS1_MASTER          0x00004C06
#define CALG_RC5                  0x0000660D
#define CALG_HMAC                 0x00008009
#define CALG_TLS1PRF              0x0000800A
#define CALG_HASH_REPLACE_OWF     0x0000800B
#define CALG_AES_128              0x0000660E
#define CALG_AES_192              0x0000660F
#define CALG_AES_256              0x00006610
#define CALG_AES                  0x00006611
#define CALG_SHA_256              0x0000800C
#define CALG_SHA_384              0x0000800D
#define CALG_SHA_512              0x0000800E
#define CALG_ECDH                 0x0000AA05
#define CALG_ECDH_EPHEM           0x0000AE06
#define CALG_ECMQV                0x0000A001
#define CALG_ECDSA                0x00002203
#define CALG_NULLCIPHER           0x00006000
#define CALG_OID_INFO_CNG_ONLY    0xFFFFFFFF
#define CALG_OID_INFO_PARAMETERS  0xFFFFFFFE

/* Key specifications and provider types. */
#define AT_KEYEXCHANGE    1
#define AT_SIGNATURE      2
#define PROV_RSA_FULL     1
#define PROV_RSA_SIG      2
#define PROV_DSS          3
#define PROV_FORTEZZA     4
#define PROV_MS_EXCHANGE  5
#define PROV_SSL          6
#define PROV_RSA_SCHANNEL 12
#define PROV_DSS_DH       13
#define PROV_DH_SCHANNEL  18
#define PROV_SPYRUS_LYNKS 20
#define PROV_RNG          21
#define PROV_RSA_AES      24

/* Provider names. */
#define MS_DEF_PROV_A              "Microsoft Base Cryptographic Provider v1.0"
#define MS_DEF_PROV_W              SCHANNEL_WIDE("Microsoft Base Cryptographic Provider v1.0")
#define MS_ENHANCED_PROV_A         "Microsoft Enhanced Cryptographic Provider v1.0"
#define MS_ENHANCED_PROV_W         SCHANNEL_WIDE("Microsoft Enhanced Cryptographic Provider v1.0")
#define MS_STRONG_PROV_A           "Microsoft Strong Cryptographic Provider"
#define MS_STRONG_PROV_W           SCHANNEL_WIDE("Microsoft Strong Cryptographic Provider")
#define MS_DEF_RSA_SIG_PROV_A      "Microsoft RSA Signature Cryptographic Provider"
#define MS_DEF_RSA_SIG_PROV_W      SCHANNEL_WIDE("Microsoft RSA Signature Cryptographic Provider")
#define MS_DEF_RSA_SCHANNEL_PROV_A "Microsoft RSA SChannel Cryptographic Provider"
#define MS_DEF_RSA_SCHANNEL_PROV_W SCHANNEL_WIDE("Microsoft RSA SChannel Cryptographic Provider")
#define MS_DEF_DSS_PROV_A          "Microsoft Base DSS Cryptographic Provider"
#define MS_DEF_DSS_PROV_W          SCHANNEL_WIDE("Microsoft Base DSS Cryptographic Provider")
#define MS_DEF_DSS_DH_PROV_A       "Microsoft Base DSS and Diffie-Hellman Cryptographic Provider"
#define MS_DEF_DSS_DH_PROV_W                                                                       \
    SCHANNEL_WIDE("Microsoft Base DSS and Diffie-Hellman Cryptographic Provider")
#define MS_ENH_DSS_DH_PROV_A "Microsoft Enhanced DSS and Diffie-Hellman Cryptographic Provider"
#define MS_ENH_DSS_DH_PROV_W                                                                       \
    SCHANNEL_WIDE("Microsoft Enhanced DSS and Diffie-Hellman Cryptographic Provider")
#define MS_DEF_DH_SCHANNEL_PROV_A "Microsoft DH SChannel Cryptographic Provider"
#define MS_DEF_DH_SCHANNEL_PROV_W SCHANNEL_WIDE("Microsoft DH SChannel Cryptographic Provider")
#define MS_SCARD_PROV_A           "Microsoft Base Smart Card Crypto Provider"
#define MS_SCARD_PROV_W           SCHANNEL_WIDE("Microsoft Base Smart Card Crypto Provider")
#define MS_ENH_RSA_AES_PROV_A     "Microsoft Enhanced RSA and AES Cryptographic Provider"
#define MS_ENH_RSA_AES_PROV_W     SCHANNEL_WIDE("Microsoft Enhanced RSA and AES Cryptographic Provider")

#define MS_DEF_PROV              SCHANNEL_AW(MS_DEF_PROV_)
#define MS_ENHANCED_PROV         SCHANNEL_AW(MS_ENHANCED_PROV_)
#define MS_STRONG_PROV           SCHANNEL_AW(MS_STRONG_PROV_)
#define MS_DEF_RSA_SIG_PROV      SCHANNEL_AW(MS_DEF_RSA_SIG_PROV_)
#define MS_DEF_RSA_SCHANNEL_PROV SCHANNEL_AW(MS_DEF_RSA_SCHANNEL_PROV_)
#define MS_DEF_DSS_PROV          SCHANNEL_AW(MS_DEF_DSS_PROV_)
#define MS_DEF_DSS_DH_PROV       SCHANNEL_AW(MS_DEF_DSS_DH_PROV_)
#define MS_ENH_DSS_DH_PROV       SCHANNEL_AW(MS_ENH_DSS_DH_PROV_)
#define MS_DEF_DH_SCHANNEL_PROV  SCHANNEL_AW(MS_DEF_DH_SCHANNEL_PROV_)
#define MS_SCARD_PROV            SCHANNEL_AW(MS_SCARD_PROV_)
#define MS_ENH_RSA_AES_PROV      SCHANNEL_AW(MS_ENH_RSA_AES_PROV_)

/* Opening of a key container and use of its keys. */
#define CRYPT_VERIFYCONTEXT                0xF0000000
#define CRYPT_NEWKEYSET                    0x00000008
#define CRYPT_DELETEKEYSET                 0x00000010
#define CRYPT_MACHINE_KEYSET               0x00000020
#define CRYPT_SILENT                       0x00000040
#define CRYPT_DEFAULT_CONTAINER_OPTIONAL   0x00000080
#define CRYPT_EXPORTABLE                   0x00000001
#define CRYPT_USER_PROTECTED               0x00000002
#define CRYPT_CREATE_SALT                  0x00000004
#define CRYPT_NO_SALT                      0x00000010
#define CRYPT_PREGEN                       0x00000040
#define CRYPT_ARCHIVABLE                   0x00004000
#define CRYPT_FORCE_KEY_PROTECTION_HIGH    0x00008000
#define CRYPT_SERVER                       0x00000400
#define CRYPT_DECRYPT_RSA_NO_PADDING_CHECK 0x00000020
#define CRYPT_OAEP                         0x00000040
#define CRYPT_USER_KEYSET                  0x00001000

/* Parameters of keys, hashes and providers. */
#define KP_IV               1
#define KP_SALT             2
#define KP_PADDING          3
#define KP_MODE             4
#define KP_PERMISSIONS      6
#define KP_ALGID            7
#define KP_BLOCKLEN         8
#define KP_KEYLEN           9
#define KP_CERTIFICATE      26
#define KP_KEYEXCHANGE_PIN  32
#define KP_SIGNATURE_PIN    33
#define HP_ALGID            0x00000001
#define HP_HASHVAL          0x00000002
#define HP_HASHSIZE         0x00000004
#define PP_NAME             4
#define PP_CONTAINER        6
#define PP_PROVTYPE         16
#define PP_KEYEXCHANGE_PIN  32
#define PP_SIGNATURE_PIN    33
#define PP_UNIQUE_CONTAINER 36
#define PP_KEYSPEC          39

/* Key blobs. */
#define SIMPLEBLOB       0x00000001
#define PUBLICKEYBLOB    0x00000006
#define PRIVATEKEYBLOB   0x00000007
#define PLAINTEXTKEYBLOB 0x00000008
#define OPAQUEKEYBLOB    0x00000009
#define CUR_BLOB_VERSION 2

/* Finding the key of a certificate. */
#define CRYPT_ACQUIRE_CACHE_FLAG             0x00000001
#define CRYPT_ACQUIRE_USE_PROV_INFO_FLAG     0x00000002
#define CRYPT_ACQUIRE_COMPARE_KEY_FLAG       0x00000004
#define CRYPT_ACQUIRE_NO_HEALING             0x00000008
#define CRYPT_ACQUIRE_SILENT_FLAG            0x00000040
#define CRYPT_ACQUIRE_WINDOW_HANDLE_FLAG     0x00000080
#define CRYPT_ACQUIRE_NCRYPT_KEY_FLAGS_MASK  0x00070000
#define CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG  0x00010000
#define CRYPT_ACQUIRE_PREFER_NCRYPT_KEY_FLAG 0x00020000
#define CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG   0x00040000

#define CERT_NCRYPT_KEY_SPEC 0xFFFFFFFF

#endif
