/* SPDX-License-Identifier: MIT */
/* schannel cert list, show, add, delete: the system's stores, and what files hold. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "report.h"
#include "store.h"

struct options {
    const char *command;
    const char *store;
    const char *what; /* a file or a certificate, or NULL */
    const char *key;
    const char *password;
    const char *friendly;
    bool is_machine;
    bool shows_archived;
    bool json;
    bool pem;
};

/* ---- options --------------------------------------------------------------------------- */

enum {
    OPT_MACHINE = 256,
    OPT_KEY,
    OPT_PASSWORD,
    OPT_FRIENDLY,
    OPT_ARCHIVED,
    OPT_JSON,
    OPT_PEM,
    OPT_HELP
};

static const struct option longs[] = {
    {"machine", no_argument, NULL, OPT_MACHINE},
    {"key", required_argument, NULL, OPT_KEY},
    {"password", required_argument, NULL, OPT_PASSWORD},
    {"friendly-name", required_argument, NULL, OPT_FRIENDLY},
    {"archived", no_argument, NULL, OPT_ARCHIVED},
    {"json", no_argument, NULL, OPT_JSON},
    {"pem", no_argument, NULL, OPT_PEM},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static const struct {
    const char *command;
    const char *arguments;
    const char *text;
    int min;
    int max;
} forms[] = {
    {"list", "STORE|FILE",
     "Lists the certificates of a store (MY, ROOT, CA, Trust, ...) or of a file: PEM, DER,\n"
     "PKCS#7, a serialized store, or PKCS#12.",
     1, 1},
    {"show", "STORE|FILE [CERTIFICATE]",
     "Shows one certificate, or all. CERTIFICATE is its SHA-1 or SHA-256 hash, or a part of its\n"
     "subject that no other one has.",
     1, 2},
    {"add", "STORE FILE",
     "Adds the certificates and revocation lists of a file to a store, private keys of PKCS#12\n"
     "files with them. One that is there already is replaced.",
     2, 2},
    {"delete", "STORE CERTIFICATE", "Deletes a certificate, and the key that lies beside it.", 2,
     2},
};
enum { FORM_COUNT = sizeof forms / sizeof forms[0] };

static size_t form_of(const char *command)
{
    size_t i = 0;
    while (i + 1 < FORM_COUNT && strcmp(forms[i].command, command) != 0)
        i++;
    return i;
}

static void usage(const char *command)
{
    size_t i = form_of(command);
    printf("usage: schannel cert %s [OPTIONS] %s\n\n%s\n\n", command, forms[i].arguments,
           forms[i].text);
    fputs("  --machine             the machine's store, not the user's\n"
          "  --key FILE            add: private key of the file's first certificate, PEM\n"
          "  --password TEXT       of a PKCS#12 file or of the key\n"
          "  --friendly-name TEXT  add: a name for people\n"
          "  --archived            list, show: archived certificates, too\n"
          "  --json                list, show: as JSON\n"
          "  --pem                 show: the certificate itself\n",
          stdout);
}

/* EXIT_OK: go on. -1: help was asked for. */
static int take_option(struct options *o, int option)
{
    switch (option) {
    case OPT_MACHINE:
        o->is_machine = true;
        break;
    case OPT_KEY:
        o->key = optarg;
        break;
    case OPT_PASSWORD:
        o->password = optarg;
        break;
    case OPT_FRIENDLY:
        o->friendly = optarg;
        break;
    case OPT_ARCHIVED:
        o->shows_archived = true;
        break;
    case OPT_JSON:
        o->json = true;
        break;
    case OPT_PEM:
        o->pem = true;
        break;
    case OPT_HELP:
        return -1;
    default:
        return report_usage(o->command, "unknown option");
    }
    return EXIT_OK;
}

static int parse(int argc, char **argv, struct options *o)
{
    int option;
    size_t form = form_of(argv[0]);
    opterr = 0;
    optind = 1;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        int result = take_option(o, option);
        if (result != EXIT_OK)
            return result;
    }
    int given = argc - optind;
    if (given < forms[form].min || given > forms[form].max)
        return report_usage(o->command, "%s is wanted", forms[form].arguments);
    o->store = argv[optind];
    o->what = given > 1 ? argv[optind + 1] : NULL;
    return EXIT_OK;
}

/* ---- printing -------------------------------------------------------------------------- */

static void print_line(const struct cert_line *line)
{
    printf("%s  %s  %.10s  %s\n", line->thumbprint, line->has_key ? "key" : "   ", line->until,
           line->subject);
}

static void print_json(const struct cert_line *line)
{
    const struct {
        const char *key;
        const char *value;
    } texts[] = {{"thumbprint", line->thumbprint}, {"subject", line->subject},
                 {"issuer", line->issuer},         {"serial", line->serial},
                 {"not_before", line->from},       {"not_after", line->until},
                 {"friendly_name", line->friendly}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        printf("%s\"%s\": ", i == 0 ? "  {" : ", ", texts[i].key);
        json_text(stdout, texts[i].value);
    }
    printf(", \"has_private_key\": %s}", line->has_key ? "true" : "false");
}

static void print_properties(PCCERT_CONTEXT certificate)
{
    for (DWORD id = 0; (id = CertEnumCertificateContextProperties(certificate, id)) != 0;) {
        DWORD n = 0;
        if (CertGetCertificateContextProperty(certificate, id, NULL, &n))
            printf("  property %u: %u bytes\n", (unsigned)id, (unsigned)n);
    }
}

static void print_extensions(PCCERT_CONTEXT certificate)
{
    const CERT_INFO *info = certificate->pCertInfo;
    for (DWORD i = 0; i < info->cExtension; i++) {
        const CERT_EXTENSION *extension = &info->rgExtension[i];
        printf("  extension %s: %u bytes%s\n", extension->pszObjId,
               (unsigned)extension->Value.cbData, extension->fCritical ? ", critical" : "");
    }
}

static void print_pem(PCCERT_CONTEXT certificate)
{
    char *text = SchannelPemFromCertificate(certificate);
    if (text != NULL)
        fputs(text, stdout);
    LocalFree(text);
}

static void print_all(PCCERT_CONTEXT certificate, const struct cert_line *line)
{
    printf("%s\n", line->subject);
    printf("  issued by %s\n", line->issuer);
    printf("  serial number %s\n", line->serial);
    printf("  valid from %s until %s\n", line->from, line->until);
    printf("  SHA-1 %s\n", line->thumbprint);
    if (line->friendly[0] != 0)
        printf("  called %s\n", line->friendly);
    printf("  %s\n", line->has_key ? "with a private key" : "without a private key");
    print_extensions(certificate);
    print_properties(certificate);
}

static void print(const struct options *o, PCCERT_CONTEXT certificate, bool in_full, size_t index)
{
    struct cert_line line;
    cert_line_of(certificate, &line);
    if (o->json) {
        fputs(index != 0 ? ",\n" : "", stdout);
        print_json(&line);
    } else if (o->pem) {
        print_pem(certificate);
    } else if (in_full) {
        print_all(certificate, &line);
    } else {
        print_line(&line);
    }
}

static bool is_archived(PCCERT_CONTEXT certificate)
{
    DWORD n = 0;
    return CertGetCertificateContextProperty(certificate, CERT_ARCHIVED_PROP_ID, NULL, &n) != FALSE;
}

static void print_store(const struct options *o, HCERTSTORE store, bool in_full)
{
    size_t index = 0;
    if (o->json)
        puts("[");
    for (PCCERT_CONTEXT c = NULL; (c = CertEnumCertificatesInStore(store, c)) != NULL;) {
        if (o->shows_archived || !is_archived(c))
            print(o, c, in_full, index++);
    }
    if (o->json)
        puts(index != 0 ? "\n]" : "]");
}

/* ---- commands -------------------------------------------------------------------------- */

static int list(const struct options *o)
{
    HCERTSTORE store = store_open_any(o->store, o->is_machine, o->password);
    if (store == NULL)
        return EXIT_FAILED;
    print_store(o, store, false);
    CertCloseStore(store, 0);
    return EXIT_OK;
}

static int show(const struct options *o)
{
    HCERTSTORE store = store_open_any(o->store, o->is_machine, o->password);
    if (store == NULL)
        return EXIT_FAILED;
    PCCERT_CONTEXT one = o->what != NULL ? store_select(store, o->what) : NULL;
    if (one != NULL && o->json)
        puts("[");
    if (one != NULL)
        print(o, one, true, 0);
    if (one != NULL && o->json)
        puts("\n]");
    if (o->what == NULL)
        print_store(o, store, true);
    bool is_done = o->what == NULL || one != NULL;
    CertFreeCertificateContext(one);
    CertCloseStore(store, 0);
    return is_done ? EXIT_OK : EXIT_FAILED;
}

static bool call_it(PCCERT_CONTEXT certificate, const char *name)
{
    WCHAR wide[256];
    int n = MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, sizeof wide / sizeof wide[0]);
    CRYPT_DATA_BLOB blob = {.cbData = (DWORD)n * (DWORD)sizeof wide[0], .pbData = (BYTE *)wide};
    return n > 0 &&
           CertSetCertificateContextProperty(certificate, CERT_FRIENDLY_NAME_PROP_ID, 0, &blob);
}

static bool put(const struct options *o, HCERTSTORE store, PCCERT_CONTEXT certificate)
{
    struct cert_line line;
    PCCERT_CONTEXT added = NULL;
    if (!CertAddCertificateContextToStore(store, certificate, CERT_STORE_ADD_REPLACE_EXISTING,
                                          &added)) {
        report_last_error("cannot add to", o->store);
        return false;
    }
    bool is_done = o->friendly == NULL || call_it(added, o->friendly);
    if (!is_done)
        report_last_error("cannot name", o->friendly);
    cert_line_of(added, &line);
    printf("added %s  %s%s\n", line.thumbprint, line.subject, line.has_key ? ", with its key" : "");
    CertFreeCertificateContext(added);
    return is_done;
}

static bool put_lists(const struct options *o, HCERTSTORE store, HCERTSTORE from)
{
    for (PCCRL_CONTEXT c = NULL; (c = CertEnumCRLsInStore(from, c)) != NULL;) {
        if (!CertAddCRLContextToStore(store, c, CERT_STORE_ADD_REPLACE_EXISTING, NULL)) {
            report_last_error("cannot add a revocation list to", o->store);
            CertFreeCRLContext(c);
            return false;
        }
        puts("added a revocation list");
    }
    return true;
}

static bool put_all(const struct options *o, HCERTSTORE store, HCERTSTORE from)
{
    for (PCCERT_CONTEXT c = NULL; (c = CertEnumCertificatesInStore(from, c)) != NULL;) {
        if (!put(o, store, c)) {
            CertFreeCertificateContext(c);
            return false;
        }
    }
    return put_lists(o, store, from);
}

/* The file's first certificate with the key of another file; the rest as it is. */
static HCERTSTORE open_with_key(const struct options *o)
{
    PCCERT_CONTEXT leaf = SchannelLoadPemFiles(o->what, o->key, o->password);
    if (leaf == NULL) {
        report_last_error("no certificate with this key in", o->what);
        return NULL;
    }
    HCERTSTORE store = CertDuplicateStore(leaf->hCertStore);
    CertFreeCertificateContext(leaf);
    return store;
}

static int add(const struct options *o)
{
    HCERTSTORE from = o->key != NULL ? open_with_key(o) : store_open_file(o->what, o->password);
    HCERTSTORE store = from != NULL ? store_open_system(o->store, o->is_machine, 0) : NULL;
    bool is_done = store != NULL && put_all(o, store, from);
    CertCloseStore(from, 0);
    CertCloseStore(store, 0);
    return is_done ? EXIT_OK : EXIT_FAILED;
}

static int delete (const struct options *o)
{
    HCERTSTORE store = store_open_system(
        o->store, o->is_machine, CERT_STORE_OPEN_EXISTING_FLAG | CERT_STORE_ENUM_ARCHIVED_FLAG);
    PCCERT_CONTEXT one = store != NULL ? store_select(store, o->what) : NULL;
    struct cert_line line;
    bool is_done = false;
    if (one != NULL) {
        cert_line_of(one, &line);
        is_done = CertDeleteCertificateFromStore(one);
        if (is_done)
            printf("deleted %s  %s\n", line.thumbprint, line.subject);
        else
            report_last_error("cannot delete from", o->store);
    }
    CertCloseStore(store, 0);
    return is_done ? EXIT_OK : EXIT_FAILED;
}

static int run(int argc, char **argv, const char *command, int (*act)(const struct options *o))
{
    struct options o = {.command = command};
    int result = parse(argc, argv, &o);
    if (result == -1) {
        usage(argv[0]);
        return EXIT_OK;
    }
    return result == EXIT_OK ? act(&o) : result;
}

int command_cert_list(int argc, char **argv)
{
    return run(argc, argv, "cert list", list);
}

int command_cert_show(int argc, char **argv)
{
    return run(argc, argv, "cert show", show);
}

int command_cert_add(int argc, char **argv)
{
    return run(argc, argv, "cert add", add);
}

int command_cert_delete(int argc, char **argv)
{
    return run(argc, argv, "cert delete", delete);
}
