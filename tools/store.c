/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

/* ---- one certificate ------------------------------------------------------------------- */

static void hex_text(const BYTE *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void date_text(const FILETIME *time, char *out, size_t cap)
{
    SYSTEMTIME t;
    if (FileTimeToSystemTime(time, &t))
        snprintf(out, cap, "%04u-%02u-%02uT%02u:%02u:%02uZ", t.wYear, t.wMonth, t.wDay, t.wHour,
                 t.wMinute, t.wSecond);
    else
        snprintf(out, cap, "?");
}

static void name_text(const CERT_NAME_BLOB *name, char out[STORE_TEXT_MAX])
{
    CERT_NAME_BLOB copy = *name;
    CertNameToStrA(X509_ASN_ENCODING, &copy, CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG, out,
                   STORE_TEXT_MAX);
}

static void serial_text(const CRYPT_INTEGER_BLOB *serial, char *out, size_t cap)
{
    out[0] = 0;
    for (DWORD i = serial->cbData; i > 0 && strlen(out) + 3 <= cap; i--)
        snprintf(out + strlen(out), 3, "%02x", serial->pbData[i - 1]);
}

static void friendly_text(PCCERT_CONTEXT certificate, char out[STORE_TEXT_MAX])
{
    WCHAR wide[STORE_TEXT_MAX / 4];
    DWORD n = sizeof wide;
    out[0] = 0;
    if (CertGetCertificateContextProperty(certificate, CERT_FRIENDLY_NAME_PROP_ID, wide, &n) &&
        n >= sizeof wide[0] && wide[n / sizeof wide[0] - 1] == 0)
        WideCharToMultiByte(CP_UTF8, 0, wide, -1, out, STORE_TEXT_MAX, NULL, NULL);
}

static bool has_key(PCCERT_CONTEXT certificate)
{
    static const DWORD ids[] = {CERT_KEY_PROV_INFO_PROP_ID, CERT_KEY_CONTEXT_PROP_ID,
                                CERT_NCRYPT_KEY_HANDLE_PROP_ID};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        DWORD n = 0;
        if (CertGetCertificateContextProperty(certificate, ids[i], NULL, &n))
            return true;
    }
    return false;
}

void cert_line_of(PCCERT_CONTEXT certificate, struct cert_line *out)
{
    const CERT_INFO *info = certificate->pCertInfo;
    BYTE digest[20];
    DWORD n = sizeof digest;
    *out = (struct cert_line){.has_key = has_key(certificate)};
    if (CertGetCertificateContextProperty(certificate, CERT_SHA1_HASH_PROP_ID, digest, &n))
        hex_text(digest, sizeof digest, out->thumbprint);
    name_text(&info->Subject, out->subject);
    name_text(&info->Issuer, out->issuer);
    serial_text(&info->SerialNumber, out->serial, sizeof out->serial);
    date_text(&info->NotBefore, out->from, sizeof out->from);
    date_text(&info->NotAfter, out->until, sizeof out->until);
    friendly_text(certificate, out->friendly);
}

/* Who looks sees everything; what is shown of it is decided later. */
enum { LOOKING = CERT_STORE_READONLY_FLAG | CERT_STORE_ENUM_ARCHIVED_FLAG };

/* ---- stores ---------------------------------------------------------------------------- */

HCERTSTORE store_open_system(const char *name, bool is_machine, DWORD flags)
{
    DWORD location = is_machine ? CERT_SYSTEM_STORE_LOCAL_MACHINE : CERT_SYSTEM_STORE_CURRENT_USER;
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, location | flags, name);
    if (store == NULL)
        report_last_error("cannot open the store", name);
    return store;
}

enum { FILE_MAX = 1 << 20 };

static HCERTSTORE open_pfx(const char *path, const char *password)
{
    WCHAR wide[256];
    FILE *file = fopen(path, "rb");
    BYTE *bytes = file != NULL ? malloc(FILE_MAX) : NULL;
    size_t n = bytes != NULL ? fread(bytes, 1, FILE_MAX, file) : 0;
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)n, .pbData = bytes};
    HCERTSTORE store = NULL;
    bool fits = password == NULL || MultiByteToWideChar(CP_UTF8, 0, password, -1, wide,
                                                        sizeof wide / sizeof wide[0]) != 0;
    if (n != 0 && fits)
        store = PFXImportCertStore(&blob, password != NULL ? wide : NULL, CRYPT_EXPORTABLE);
    if (store == NULL && n != 0 && password == NULL) {
        wide[0] = 0;
        store = PFXImportCertStore(&blob, wide, CRYPT_EXPORTABLE);
    }
    free(bytes);
    if (file != NULL)
        fclose(file);
    return store;
}

static bool is_pfx(const char *path)
{
    FILE *file = fopen(path, "rb");
    BYTE *bytes = file != NULL ? malloc(FILE_MAX) : NULL;
    size_t n = bytes != NULL ? fread(bytes, 1, FILE_MAX, file) : 0;
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)n, .pbData = bytes};
    bool is = n != 0 && PFXIsPFXBlob(&blob);
    free(bytes);
    if (file != NULL)
        fclose(file);
    return is;
}

HCERTSTORE store_open_file(const char *path, const char *password)
{
    HCERTSTORE store = is_pfx(path)
                           ? open_pfx(path, password)
                           : CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, LOOKING, path);
    if (store == NULL)
        report_last_error("no certificates in", path);
    return store;
}

/* A path, or a name with an ending, is a file. */
static bool looks_like_file(const char *name)
{
    return strpbrk(name, "/.") != NULL && access(name, F_OK) == 0;
}

HCERTSTORE store_open_any(const char *name, bool is_machine, const char *password)
{
    DWORD location = is_machine ? CERT_SYSTEM_STORE_LOCAL_MACHINE : CERT_SYSTEM_STORE_CURRENT_USER;
    if (!looks_like_file(name)) {
        HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, location | LOOKING, name);
        if (store != NULL)
            return store;
        if (GetLastError() != ERROR_FILE_NOT_FOUND || access(name, F_OK) != 0) {
            report_last_error("there is no store and no file", name);
            return NULL;
        }
    }
    return store_open_file(name, password);
}

/* ---- choosing -------------------------------------------------------------------------- */

PCCERT_CONTEXT store_select(HCERTSTORE store, const char *text)
{
    WCHAR wide[256];
    if (MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, sizeof wide / sizeof wide[0]) == 0)
        wide[0] = 0;
    PCCERT_CONTEXT found =
        CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_HASH_STR, wide, NULL);
    if (found != NULL)
        return found;
    found = text[0] != 0 ? CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                      CERT_FIND_SUBJECT_STR_W, wide, NULL)
                         : NULL;
    if (found == NULL) {
        fprintf(stderr, "schannel cert: no certificate has the hash or the subject '%s'\n", text);
        return NULL;
    }
    PCCERT_CONTEXT other =
        CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_SUBJECT_STR_W, wide,
                                   CertDuplicateCertificateContext(found));
    if (other == NULL)
        return found;
    fprintf(stderr,
            "schannel cert: more than one certificate has the subject '%s'; name it by its "
            "hash\n",
            text);
    CertFreeCertificateContext(other);
    CertFreeCertificateContext(found);
    return NULL;
}
