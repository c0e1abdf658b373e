/* SPDX-License-Identifier: MIT */
/* Each row of docs/STATUS.md against what the library does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pair.h"

enum { CELLS_MAX = 6, CELL_LEN = 160, PAIRS = 2 };

static struct pair pairs[PAIRS]; /* TLS 1.2, TLS 1.3 */

struct row {
    unsigned count;
    char cell[CELLS_MAX][CELL_LEN];
};

static bool split_row(const char *line, struct row *out)
{
    *out = (struct row){0};
    if (line[0] != '|')
        return false;
    for (const char *at = line + 1; out->count < CELLS_MAX && strchr(at, '|') != NULL;) {
        const char *end = strchr(at, '|');
        while (*at == ' ')
            at++;
        const char *last = end;
        while (last > at && last[-1] == ' ')
            last--;
        snprintf(out->cell[out->count++], CELL_LEN, "%.*s", (int)(last - at), at);
        at = end + 1;
    }
    return strncmp(out->cell[0], "---", 3) != 0;
}

typedef bool (*check_row)(const struct row *row);

/* Calls `check` on the rows below a heading; the number of rows that are wrong. */
static unsigned check_table(const char *heading, check_row check, unsigned at_least)
{
    char line[1024];
    struct row row;
    bool is_inside = false;
    unsigned rows = 0;
    unsigned wrong = 0;
    FILE *file = fopen(STATUS_FILE, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#')
            is_inside = strncmp(line + 3, heading, strlen(heading)) == 0 &&
                        line[3 + strlen(heading)] == '\n';
        if (!is_inside || !split_row(line, &row))
            continue;
        if (rows++ == 0)
            continue; /* the head of the table */
        if (!check(&row)) {
            print_message("         wrong: %s", line);
            wrong++;
        }
    }
    fclose(file);
    assert_true(rows > at_least);
    return wrong;
}

static bool is(const struct row *row, unsigned cell, const char *text)
{
    return strcmp(row->cell[cell], text) == 0;
}

/* ---- attributes ------------------------------------------------------------------------ */

/* Where an answer goes. What hangs on it is not known here, so all of them are kept. */
struct answer {
    unsigned char bytes[2048];
    struct answer *next;
};
static struct answer *answers;

static unsigned char *new_answer(void)
{
    struct answer *answer = calloc(1, sizeof *answer);
    assert_non_null(answer);
    answer->next = answers;
    answers = answer;
    return answer->bytes;
}

static bool query_is_supported(CtxtHandle *context, ULONG number)
{
    unsigned char *buffer = new_answer();
    *(DWORD *)(void *)buffer = 1; /* dwVersion, where there is one */
    return QueryContextAttributesA(context, number, buffer) != SEC_E_UNSUPPORTED_FUNCTION;
}

static bool set_is_supported(CtxtHandle *context, ULONG number)
{
    static unsigned char buffer[2048];
    return SetContextAttributesA(context, number, buffer, 0) != SEC_E_UNSUPPORTED_FUNCTION;
}

static bool any(bool (*ask)(CtxtHandle *, ULONG), ULONG number)
{
    bool result = false;
    for (size_t i = 0; i < PAIRS; i++) {
        result = ask(&pairs[i].client.ctx, number) || result;
        result = ask(&pairs[i].server.ctx, number) || result;
    }
    return result;
}

static bool check_attribute(const struct row *row)
{
    ULONG number = (ULONG)strtoul(row->cell[0], NULL, 10);
    return any(query_is_supported, number) == is(row, 2, "works") &&
           any(set_is_supported, number) == is(row, 3, "works");
}

static bool check_credential_attribute(const struct row *row)
{
    unsigned char *buffer = new_answer();
    ULONG number = (ULONG)strtoul(row->cell[0], NULL, 10);
    SECURITY_STATUS status = QueryCredentialsAttributesA(&pairs[0].client.cred, number, buffer);
    return (status != SEC_E_UNSUPPORTED_FUNCTION) == is(row, 2, "works");
}

/* ---- flags ----------------------------------------------------------------------------- */

/* The first call of a client or a server with one more flag. */
static SECURITY_STATUS first_call(bool is_server, unsigned long long flag, ULONG *attributes)
{
    static struct pair p;
    SEC_FLAGS wide = {flag & ~0xFFFFFFFFull};
    struct pair_options o = {.server_certificate = pair_certificate("ecdsa-p256")};
    assert_int_equal(pair_open(&p, &o), SEC_E_OK);
    CtxtHandle context = {0, 0};
    if (is_server) {
        pair_call(&p.client, &p.server);
        pair_deliver(&p, &p.server);
    }
    SecBuffer in[3] = {{(ULONG)p.server.in_len, SECBUFFER_TOKEN, p.server.in},
                       {0, SECBUFFER_EMPTY, NULL},
                       {sizeof wide, SECBUFFER_FLAGS, &wide}};
    SecBuffer out[1] = {{0, SECBUFFER_TOKEN, NULL}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, flag >> 32 != 0 ? 3 : 2, in};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 1, out};
    ULONG request = (ULONG)flag | ISC_REQ_ALLOCATE_MEMORY;
    SECURITY_STATUS status =
        is_server
            ? AcceptSecurityContext(&p.server.cred, NULL, &in_list, request, 0, &context, &out_list,
                                    attributes, NULL)
            : InitializeSecurityContextA(&p.client.cred, NULL, (char *)"localhost", request, 0, 0,
                                         &in_list, 0, &context, &out_list, attributes, NULL);
    FreeContextBuffer(out[0].pvBuffer);
    if (status == SEC_I_CONTINUE_NEEDED)
        DeleteSecurityContext(&context);
    pair_close(&p);
    return status;
}

static bool check_flag(const struct row *row, bool is_server)
{
    ULONG attributes;
    unsigned long long flag = strtoull(row->cell[1], NULL, 16);
    SECURITY_STATUS status = first_call(is_server, flag, &attributes);
    if (is(row, 2, "refused"))
        return status == SEC_E_UNSUPPORTED_FUNCTION;
    if (status != SEC_I_CONTINUE_NEEDED)
        return false;
    return !is(row, 2, "ignored") || (flag & attributes) == 0;
}

static bool check_client_flag(const struct row *row)
{
    return check_flag(row, false);
}

static bool check_server_flag(const struct row *row)
{
    return check_flag(row, true);
}

static bool check_credential_flag(const struct row *row)
{
    static const struct {
        const char *name;
        DWORD value;
    } refused[] = {{"SCH_USE_PRESHAREDKEY_ONLY", SCH_USE_PRESHAREDKEY_ONLY},
                   {"SCH_USE_DTLS_ONLY", SCH_USE_DTLS_ONLY}};
    for (size_t i = 0; i < 2; i++) {
        if (!is(row, 0, refused[i].name))
            continue;
        SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION, .dwFlags = refused[i].value};
        CredHandle handle;
        return is(row, 1, "refused") &&
               AcquireCredentialsHandleA(NULL, (char *)UNISP_NAME_A, SECPKG_CRED_OUTBOUND, NULL,
                                         &data, NULL, NULL, &handle,
                                         NULL) == SEC_E_ALGORITHM_MISMATCH;
    }
    return !is(row, 1, "refused");
}

/* ---- functions ------------------------------------------------------------------------- */

/* What functions that do not work answer to good arguments. */
static SECURITY_STATUS call_function(const char *name)
{
    CtxtHandle *context = &pairs[1].server.ctx;
    CredHandle *credential = &pairs[1].server.cred;
    char *package = (char *)UNISP_NAME_A;
    SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
    CtxtHandle made;
    HANDLE token;
    if (strcmp(name, "AddCredentials") == 0)
        return AddCredentialsA(credential, NULL, package, SECPKG_CRED_INBOUND, NULL, NULL, NULL,
                               NULL);
    if (strcmp(name, "SetCredentialsAttributes") == 0)
        return SetCredentialsAttributesA(credential, SECPKG_ATTR_SESSION_TICKET_KEYS, &made,
                                         sizeof made);
    if (strcmp(name, "CompleteAuthToken") == 0)
        return CompleteAuthToken(context, NULL);
    if (strcmp(name, "MakeSignature") == 0)
        return MakeSignature(context, 0, NULL, 0);
    if (strcmp(name, "VerifySignature") == 0)
        return VerifySignature(context, NULL, 0, NULL);
    if (strcmp(name, "ImpersonateSecurityContext") == 0)
        return ImpersonateSecurityContext(context);
    if (strcmp(name, "RevertSecurityContext") == 0)
        return RevertSecurityContext(context);
    if (strcmp(name, "QuerySecurityContextToken") == 0)
        return QuerySecurityContextToken(context, &token);
    if (strcmp(name, "ExportSecurityContext") == 0)
        return ExportSecurityContext(context, SECPKG_CONTEXT_EXPORT_DELETE_OLD, &packed, NULL);
    if (strcmp(name, "ImportSecurityContext") == 0)
        return ImportSecurityContextA(package, &packed, NULL, &made);
    if (strcmp(name, "ChangeAccountPassword") == 0)
        return ChangeAccountPasswordA(package, NULL, NULL, NULL, NULL, FALSE, 0, NULL);
    if (strcmp(name, "AddSecurityPackage") == 0)
        return AddSecurityPackageA(package, NULL);
    if (strcmp(name, "DeleteSecurityPackage") == 0)
        return DeleteSecurityPackageA(package);
    return SEC_E_OK; /* shown by the other tests */
}

static bool check_function(const struct row *row)
{
    SECURITY_STATUS status = call_function(row->cell[0]);
    if (is(row, 1, "works"))
        return status == SEC_E_OK;
    bool speaks_of_impersonation = strncmp(row->cell[2], "SEC_E_NO_IMPERSONATION", 22) == 0;
    return status ==
           (speaks_of_impersonation ? SEC_E_NO_IMPERSONATION : SEC_E_UNSUPPORTED_FUNCTION);
}

/* ---- the tests ------------------------------------------------------------------------- */

static void functions(void **state)
{
    (void)state;
    assert_int_equal(check_table("Functions", check_function, 30), 0);
}

static void attributes(void **state)
{
    (void)state;
    assert_int_equal(check_table("Context attributes", check_attribute, 60), 0);
    assert_int_equal(check_table("Credential attributes", check_credential_attribute, 5), 0);
}

static void flags(void **state)
{
    (void)state;
    assert_int_equal(
        check_table("Request flags of InitializeSecurityContext", check_client_flag, 20), 0);
    assert_int_equal(check_table("Request flags of AcceptSecurityContext", check_server_flag, 20),
                     0);
    assert_int_equal(check_table("Credential flags", check_credential_flag, 20), 0);
}

static bool claim_the_opposite(const struct row *row)
{
    struct row lie = *row;
    snprintf(lie.cell[2], CELL_LEN, "%s", is(row, 2, "works") ? "refused" : "works");
    return check_attribute(&lie);
}

/* The planted control: a table that says the opposite is wrong in every row. */
static void a_false_table_is_found_out(void **state)
{
    (void)state;
    assert_true(check_table("Context attributes", claim_the_opposite, 60) > 60);
}

static int open_pairs(void **state)
{
    (void)state;
    static const DWORD disabled[PAIRS] = {PAIR_TLS12_ONLY, PAIR_TLS13_ONLY};
    for (size_t i = 0; i < PAIRS; i++) {
        struct pair_options o = {.client_disabled = disabled[i],
                                 .server_disabled = disabled[i],
                                 .server_certificate = pair_certificate("ecdsa-p256"),
                                 .client_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
        if (pair_open(&pairs[i], &o) != SEC_E_OK || !pair_handshake(&pairs[i]))
            return -1;
    }
    return 0;
}

static int close_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++)
        pair_close(&pairs[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions),
        cmocka_unit_test(attributes),
        cmocka_unit_test(flags),
        cmocka_unit_test(a_false_table_is_found_out),
    };
    return cmocka_run_group_tests_name("docs_status", tests, open_pairs, close_pairs);
}
