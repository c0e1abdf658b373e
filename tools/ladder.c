/* SPDX-License-Identifier: MIT */
#include "ladder.h"

#include <stdarg.h>
#include <string.h>

#include <schannel.h>

#include "report.h"

enum { SERVER_COLUMN = 50, LINE_MAX_LEN = 256 };

/* ---- names ----------------------------------------------------------------------------- */

static const char *buffer_name(ULONG type)
{
    static const struct {
        ULONG type;
        const char *name;
    } names[] = {
        {SECBUFFER_EMPTY, "EMPTY"},
        {SECBUFFER_DATA, "DATA"},
        {SECBUFFER_TOKEN, "TOKEN"},
        {SECBUFFER_MISSING, "MISSING"},
        {SECBUFFER_EXTRA, "EXTRA"},
        {SECBUFFER_STREAM_TRAILER, "STREAM_TRAILER"},
        {SECBUFFER_STREAM_HEADER, "STREAM_HEADER"},
        {SECBUFFER_ALERT, "ALERT"},
        {SECBUFFER_APPLICATION_PROTOCOLS, "APPLICATION_PROTOCOLS"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].type == type)
            return names[i].name;
    }
    return "other";
}

static const char *level_name(DWORD level)
{
    static const char *const names[] = {"initial", "handshake", "application"};
    return level < 3 ? names[level] : "other";
}

/* ---- lists ----------------------------------------------------------------------------- */

void shown_before(struct shown_list *list, const SecBufferDesc *desc)
{
    list->count = desc->cBuffers < SHOWN_BUFFERS_MAX ? desc->cBuffers : SHOWN_BUFFERS_MAX;
    memcpy(list->before, desc->pBuffers, list->count * sizeof list->before[0]);
}

void shown_after(struct shown_list *list, const SecBufferDesc *desc)
{
    memcpy(list->after, desc->pBuffers, list->count * sizeof list->after[0]);
}

/* ---- text ------------------------------------------------------------------------------ */

/* A line in the column of one side. */
__attribute__((format(printf, 3, 4))) static void line(struct ladder *l, bool is_server,
                                                       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(l->to, "%*s", is_server ? SERVER_COLUMN : 0, "");
    vfprintf(l->to, format, args);
    fputc('\n', l->to);
    va_end(args);
}

static size_t put(char *text, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static size_t put(char *text, size_t at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text + at, LINE_MAX_LEN - at, format, args);
    va_end(args);
    if (n < 0)
        return at;
    return at + (size_t)n < LINE_MAX_LEN ? at + (size_t)n : LINE_MAX_LEN - 1;
}

/* "TOKEN 96, EMPTY 0 -> EXTRA 20": each buffer, and what it became where that differs. */
static void list_lines(struct ladder *l, bool is_server, const char *what,
                       const struct shown_list *list)
{
    for (ULONG i = 0; i < list->count; i++) {
        const SecBuffer *before = &list->before[i];
        const SecBuffer *after = &list->after[i];
        char text[LINE_MAX_LEN];
        size_t at = put(text, 0, "%s %u", buffer_name(before->BufferType), before->cbBuffer);
        if (before->BufferType != after->BufferType)
            at = put(text, at, " -> %s %u", buffer_name(after->BufferType), after->cbBuffer);
        else if (before->cbBuffer != after->cbBuffer)
            at = put(text, at, " -> %u", after->cbBuffer);
        (void)at;
        line(l, is_server, "  %-3s %s", i == 0 ? what : "", text);
    }
}

/* One line of text for an event worth a reader's time; false for the others. */
static bool event_text(const SCHANNEL_EVENT *e, char *out, size_t cap)
{
    switch (e->Kind) {
    case SCHANNEL_EVENT_MESSAGE_PARSED:
        snprintf(out, cap, "reads  %s, %u bytes", e->Name, e->Length);
        return true;
    case SCHANNEL_EVENT_MESSAGE_BUILT:
        snprintf(out, cap, "writes %s, %u bytes", e->Name, e->Length);
        return true;
    case SCHANNEL_EVENT_KEY_INSTALLED:
        snprintf(out, cap, "keys   %s keys, to %s", level_name(e->Level), e->Name);
        return true;
    case SCHANNEL_EVENT_ALERT_RECEIVED:
        snprintf(out, cap, "reads  alert %s", e->Name);
        return true;
    case SCHANNEL_EVENT_ALERT_SENT:
        snprintf(out, cap, "writes alert %s", e->Name);
        return true;
    case SCHANNEL_EVENT_FAILURE:
        snprintf(out, cap, "fails  %s: %s", e->Name, e->Text);
        return true;
    default:
        return false;
    }
}

static void show_text(struct ladder *l, const struct shown_call *call)
{
    char text[LINE_MAX_LEN];
    line(l, call->is_server, "%s%s%s%s", call->function, call->argument != NULL ? "(" : "",
         call->argument != NULL ? call->argument : "", call->argument != NULL ? ")" : "");
    list_lines(l, call->is_server, call->out.count != 0 ? "in" : "", &call->in);
    for (DWORD i = 0; i < call->event_count; i++) {
        if (event_text(&call->events[i], text, sizeof text))
            line(l, call->is_server, "      . %s", text);
    }
    list_lines(l, call->is_server, "out", &call->out);
    line(l, call->is_server, "  = %s", report_status_name(call->status));
}

static void show_held(struct ladder *l)
{
    char text[LINE_MAX_LEN] = "";
    size_t at = 0;
    if (l->held == 0)
        return;
    for (unsigned i = 0; i < l->held && i < SHOWN_MISSING_MAX; i++)
        at = put(text, at, "%s%u", i != 0 ? ", " : "", l->missing[i]);
    if (l->held > SHOWN_MISSING_MAX)
        at = put(text, at, " ...");
    (void)at;
    line(l, l->last_held.is_server, "%s, %u time%s", l->last_held.function, l->held,
         l->held != 1 ? "s" : "");
    line(l, l->last_held.is_server, "  MISSING %s", text);
    line(l, l->last_held.is_server, "  = %s", report_status_name(SEC_E_INCOMPLETE_MESSAGE));
    l->held = 0;
}

/* ISC and ASC tell in the EMPTY slot, DecryptMessage in the first. */
static ULONG missing_of(const struct shown_call *call)
{
    for (ULONG i = 0; i < call->in.count; i++) {
        if (call->in.after[i].BufferType == SECBUFFER_MISSING)
            return call->in.after[i].cbBuffer;
    }
    return 0;
}

static void hold(struct ladder *l, const struct shown_call *call)
{
    if (l->held != 0 && (l->last_held.is_server != call->is_server ||
                         strcmp(l->last_held.function, call->function) != 0))
        show_held(l);
    if (l->held < SHOWN_MISSING_MAX)
        l->missing[l->held] = missing_of(call);
    l->last_held = *call;
    l->held++;
}

/* ---- JSON ------------------------------------------------------------------------------ */

static void json_list(FILE *to, const char *key, const struct shown_list *list)
{
    fprintf(to, ", \"%s\": [", key);
    for (ULONG i = 0; i < list->count; i++)
        fprintf(to,
                "%s{\"type\": \"%s\", \"size\": %u, \"type_after\": \"%s\", \"size_after\": %u}",
                i != 0 ? ", " : "", buffer_name(list->before[i].BufferType),
                (unsigned)list->before[i].cbBuffer, buffer_name(list->after[i].BufferType),
                (unsigned)list->after[i].cbBuffer);
    fputc(']', to);
}

static void show_json(struct ladder *l, const struct shown_call *call)
{
    char text[LINE_MAX_LEN];
    bool is_first = true;
    fprintf(l->to, "%s    {\"side\": \"%s\", \"function\": \"%s\", \"status\": \"%s\", ",
            l->is_first ? "" : ",\n", call->is_server ? "server" : "client", call->function,
            report_status_name(call->status));
    fprintf(l->to, "\"status_number\": \"0x%08x\"", (unsigned)call->status);
    json_list(l->to, "in", &call->in);
    json_list(l->to, "out", &call->out);
    fputs(", \"events\": [", l->to);
    for (DWORD i = 0; i < call->event_count; i++) {
        if (!event_text(&call->events[i], text, sizeof text))
            continue;
        fputs(is_first ? "" : ", ", l->to);
        json_text(l->to, text);
        is_first = false;
    }
    fputs("]}", l->to);
    l->is_first = false;
}

/* ---- the ladder ------------------------------------------------------------------------ */

void ladder_start(struct ladder *l, FILE *to, bool json)
{
    *l = (struct ladder){.to = to, .json = json, .is_first = true};
    if (!json)
        fprintf(to, "%-*s%s\n", SERVER_COLUMN, "CLIENT", "SERVER");
}

void ladder_call(struct ladder *l, const struct shown_call *call)
{
    if (l->json) {
        show_json(l, call);
        return;
    }
    if (call->status == SEC_E_INCOMPLETE_MESSAGE) {
        hold(l, call);
        return;
    }
    show_held(l);
    show_text(l, call);
}

void ladder_transfer(struct ladder *l, bool to_server, size_t n, size_t split)
{
    static const char dashes[] = "------------------------------------------";
    char text[LINE_MAX_LEN];
    if (l->json || n == 0)
        return;
    show_held(l);
    size_t at = put(text, 0, " %zu bytes", n);
    if (split != 0)
        at = put(text, at, " in pieces of %zu", split);
    at = put(text, at, " ");
    int rest = (int)(SERVER_COLUMN - 4 - at);
    int left = rest > 0 ? rest / 2 : 0;
    int right = rest > 0 ? rest - left : 0;
    fprintf(l->to, " %s%.*s%s%.*s%s\n", to_server ? "-" : "<", left, dashes, text, right, dashes,
            to_server ? ">" : "-");
}

void ladder_heading(struct ladder *l, const char *text)
{
    if (l->json)
        return;
    show_held(l);
    fprintf(l->to, "\n%s\n", text);
}

void ladder_end(struct ladder *l)
{
    if (!l->json)
        show_held(l);
}
