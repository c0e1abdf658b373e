/* SPDX-License-Identifier: MIT */
/*
 * Microsoft's serialized form of entries and stores; its shape is told in serialize.h. Handles and
 * what is computed are left out. CERT_KEY_PROV_INFO is written as a block with offsets of 32 bits.
 */
#include "crypt32/serialize.h"

#include "crypt32/cert_key.h"

enum {
    MAGIC = 0x54524543, /* "CERT" */
    ELEMENT_CTL = 34,
    PROPERTY_HEAD_LEN = 12,
    PROV_INFO_LEN =
        28, /* container, provider, type, flags, count of parameters, their place, spec */
    PROV_INFO_TEXT_MAX = 4096
};

/* ---- numbers --------------------------------------------------------------------------- */

static void put32(struct buf *out, uint32_t value)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        wr_u8(out, value >> shift & 0xFF);
}

static uint32_t get32(struct rd *r)
{
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 32; shift += 8)
        value |= (uint32_t)rd_u8(r) << shift;
    return value;
}

static void put_head(struct buf *out, DWORD id, size_t n)
{
    put32(out, id);
    put32(out, X509_ASN_ENCODING);
    put32(out, (uint32_t)n);
}

static void put_end(struct buf *out)
{
    for (int i = 0; i < 3; i++)
        put32(out, 0);
}

/* ---- CERT_KEY_PROV_INFO ---------------------------------------------------------------- */

/* The kept form (cert_key.h) is the head and two texts with their NULs. */
static void put_prov_info(struct buf *out, struct span kept)
{
    struct prov_info_head head;
    if (kept.n < sizeof head)
        return;
    memcpy(&head, kept.p, sizeof head);
    struct span texts = span_of(kept.p + sizeof head, kept.n - sizeof head);
    const WCHAR *container = (const WCHAR *)(const void *)texts.p;
    size_t container_len = (win_utf16_len(container) + 1) * sizeof *container;
    put_head(out, CERT_KEY_PROV_INFO_PROP_ID, PROV_INFO_LEN + texts.n);
    put32(out, PROV_INFO_LEN);
    put32(out, (uint32_t)(PROV_INFO_LEN + container_len));
    put32(out, head.type);
    put32(out, head.flags);
    put32(out, 0);
    put32(out, 0);
    put32(out, head.key_spec);
    wr_bytes(out, texts);
}

/* The text at an offset, with its NUL; empty when there is none. */
static bool text_at(struct span block, uint32_t at, struct span *out)
{
    static const uint8_t nothing[sizeof(WCHAR)];
    *out = span_of(nothing, sizeof nothing);
    if (at == 0)
        return true;
    if (at < PROV_INFO_LEN || at > block.n)
        return false;
    for (size_t n = 0; n < PROV_INFO_TEXT_MAX && at + n + 2 <= block.n; n += 2) {
        if (block.p[at + n] != 0 || block.p[at + n + 1] != 0)
            continue;
        *out = span_of(block.p + at, n + 2);
        return true;
    }
    return false;
}

static struct cert_property *take_prov_info(struct span block, bool *out_malformed)
{
    struct rd r = rd_from(block);
    struct span container;
    struct span provider;
    struct prov_info_head head;
    struct buf kept;
    uint32_t container_at = get32(&r);
    uint32_t provider_at = get32(&r);
    head.type = get32(&r);
    head.flags = get32(&r);
    get32(&r); /* parameters are not kept */
    get32(&r);
    head.key_spec = get32(&r);
    *out_malformed = r.bad || !text_at(block, container_at, &container) ||
                     !text_at(block, provider_at, &provider);
    if (*out_malformed)
        return NULL;
    buf_init(&kept, PROPERTY_LEN_MAX);
    wr_bytes(&kept, span_of(&head, sizeof head));
    wr_bytes(&kept, container);
    wr_bytes(&kept, provider);
    struct cert_property *property =
        buf_check(&kept) == OK ? property_new(CERT_KEY_PROV_INFO_PROP_ID, buf_span(&kept)) : NULL;
    buf_release(&kept);
    return property;
}

/* ---- properties ------------------------------------------------------------------------ */

static bool is_written(const struct cert_property *property)
{
    return !property->is_transient && !property_is_handle(property->id) &&
           property->id <= CERT_LAST_USER_PROP_ID;
}

static void put_properties(struct entry_state *state, struct buf *out)
{
    if (state == NULL)
        return;
    pthread_mutex_lock(&state->lock);
    for (const struct cert_property *p = state->properties; p != NULL; p = p->next) {
        if (!is_written(p))
            continue;
        if (p->id == CERT_KEY_PROV_INFO_PROP_ID) {
            put_prov_info(out, span_of(p->data, p->n));
        } else {
            put_head(out, p->id, p->n);
            wr_bytes(out, span_of(p->data, p->n));
        }
    }
    pthread_mutex_unlock(&state->lock);
}

err serialized_write_properties(struct entry_state *state, struct buf *out)
{
    put_properties(state, out);
    put_end(out);
    return buf_check(out);
}

/* Values that are read as structures must have their size. */
static bool has_its_size(DWORD id, size_t n)
{
    switch (id) {
    case CERT_KEY_SPEC_PROP_ID:
        return n == sizeof(DWORD);
    case CERT_DATE_STAMP_PROP_ID:
        return n == sizeof(FILETIME);
    default:
        return n <= PROPERTY_LEN_MAX;
    }
}

/* Puts one in front of the list. What cannot be kept is passed over. */
static err take_property(DWORD id, struct span value, struct cert_property **list)
{
    bool is_malformed = false;
    struct cert_property *property;
    if (property_is_handle(id) || id > CERT_LAST_USER_PROP_ID)
        return OK;
    if (!has_its_size(id, value.n))
        return FAIL(ERR_CERT_PARSE);
    property = id == CERT_KEY_PROV_INFO_PROP_ID ? take_prov_info(value, &is_malformed)
                                                : property_new(id, value);
    if (is_malformed)
        return FAIL(ERR_CERT_PARSE);
    if (property == NULL)
        return FAIL(ERR_NO_MEMORY);
    property->next = *list;
    *list = property;
    return OK;
}

/* Everything in front of the context or of the zeros, whose number and bytes are given. */
static err read_properties(struct rd *r, struct cert_property **list, DWORD *out_id,
                           struct span *out_value)
{
    for (;;) {
        DWORD id = get32(r);
        get32(r);
        struct span value = rd_take(r, get32(r));
        if (r->bad)
            return FAIL(ERR_CERT_PARSE);
        if (id == 0 || id == cert_type.element_id || id == crl_type.element_id ||
            id == ELEMENT_CTL) {
            *out_id = id;
            *out_value = value;
            return OK;
        }
        TRY(take_property(id, value, list));
    }
}

err serialized_read_properties(struct span bytes, struct cert_property **out)
{
    DWORD id = 0;
    struct span value;
    struct rd r = rd_from(bytes);
    *out = NULL;
    err result = read_properties(&r, out, &id, &value);
    if (result == OK && (id != 0 || value.n != 0 || !rd_end(&r)))
        result = FAIL(ERR_CERT_PARSE);
    if (result != OK) {
        property_list_free(*out);
        *out = NULL;
    }
    return result;
}

/* ---- elements -------------------------------------------------------------------------- */

err serialized_write_element(struct entry *entry, struct buf *out)
{
    struct span der = entry->type->der(entry);
    put_properties(entry_state(entry), out);
    put_head(out, entry->type->element_id, der.n);
    wr_bytes(out, der);
    return buf_check(out);
}

static err make_entry(DWORD id, struct span der, struct cert_property *list, struct entry **out)
{
    const struct entry_type *type = id == cert_type.element_id ? &cert_type : &crl_type;
    err result = type->parse(der, out);
    if (result != OK) {
        property_list_free(list);
        *out = NULL;
        return result;
    }
    result = entry_replace_properties(*out, list);
    if (result == OK)
        return OK;
    entry_release(*out);
    *out = NULL;
    return result;
}

/* *out is NULL for a trust list, which is passed over, and at the end of a store. */
static err read_element(struct rd *r, bool *out_ends, struct entry **out)
{
    struct cert_property *list = NULL;
    DWORD id = 0;
    struct span value;
    *out = NULL;
    err result = read_properties(r, &list, &id, &value);
    *out_ends = result == OK && id == 0;
    if (result == OK && id != 0 && id != ELEMENT_CTL)
        return make_entry(id, value, list, out);
    property_list_free(list);
    return result;
}

err serialized_read_element(struct span bytes, struct entry **out)
{
    bool ends;
    struct rd r = rd_from(bytes);
    err result = read_element(&r, &ends, out);
    if (result == OK && *out != NULL && rd_end(&r))
        return OK;
    entry_release(*out);
    *out = NULL;
    return result == OK ? FAIL(ERR_CERT_PARSE) : result;
}

/* ---- stores ---------------------------------------------------------------------------- */

bool serialized_is_store(struct span bytes)
{
    struct rd r = rd_from(bytes);
    return get32(&r) == 0 && get32(&r) == MAGIC && !r.bad;
}

err serialized_read_store(struct store *store, struct span bytes)
{
    struct rd r = rd_from(bytes);
    bool ends = false;
    if (get32(&r) != 0 || get32(&r) != MAGIC || r.bad)
        return FAIL(ERR_CERT_PARSE);
    while (!ends) {
        struct entry *entry;
        TRY(read_element(&r, &ends, &entry));
        if (entry != NULL)
            TRY(store_adopt(store, entry, STORE_TAIL, NULL));
    }
    return rd_end(&r) ? OK : FAIL(ERR_CERT_PARSE);
}

err serialized_write_store(struct store *store, struct buf *out)
{
    put32(out, 0);
    put32(out, MAGIC);
    for (enum entry_kind kind = 0; kind < ENTRY_KINDS; kind++) {
        for (size_t i = 0;; i++) {
            struct entry *entry = store_entry_at(store, kind, i);
            if (entry == NULL)
                break;
            err result = serialized_write_element(entry, out);
            entry_release(entry);
            TRY(result);
        }
    }
    put_end(out);
    return buf_check(out);
}
