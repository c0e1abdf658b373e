/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"

bool page_request_complete(const char *request, size_t n)
{
    return memmem(request, n, "\r\n\r\n", 4) != NULL || memmem(request, n, "\n\n", 2) != NULL;
}

static void put_html(FILE *to, const char *text)
{
    for (; *text != 0; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '&':
            fputs("&amp;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        default:
            fputc(*text, to);
        }
    }
}

static void write_html(FILE *to, const struct facts *facts)
{
    fputs("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width\">"
          "<title>libschannel</title><style>"
          "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}"
          "th{text-align:left;padding-right:2rem;font-weight:600}td{font-family:monospace}"
          "tr{border-top:1px solid #ccc}table{border-collapse:collapse;width:100%}"
          "th,td{padding:.4rem .6rem}"
          "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}tr{border-color:#444}}"
          "</style></head><body><h1>This connection</h1><table>",
          to);
    for (size_t i = 0; i < facts->count; i++) {
        fputs("<tr><th>", to);
        put_html(to, facts->list[i].name);
        fputs("</th><td>", to);
        put_html(to, facts->list[i].value);
        fputs("</td></tr>", to);
    }
    fprintf(to, "</table><p>Served by libschannel %s.</p></body></html>\n", SchannelVersion());
}

static void write_json(FILE *to, const struct facts *facts)
{
    fputs("{\n", to);
    facts_print_json(to, facts, "  ");
    fputs("\n}\n", to);
}

struct route {
    const char *path;
    const char *type;
    void (*write)(FILE *to, const struct facts *facts);
};

static const struct route routes[] = {
    {"/", "text/html; charset=utf-8", write_html},
    {"/json", "application/json", write_json},
};

static const struct route *find_route(const char *request)
{
    const char *path = strchr(request, ' ');
    if (path == NULL)
        return NULL;
    path++;
    size_t n = strcspn(path, " ?\r\n");
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strlen(routes[i].path) == n && strncmp(routes[i].path, path, n) == 0)
            return &routes[i];
    }
    return NULL;
}

static char *in_memory(void (*write)(FILE *, const struct facts *), const struct facts *facts,
                       size_t *out_len)
{
    char *text = NULL;
    FILE *to = open_memstream(&text, out_len);
    if (to == NULL)
        return NULL;
    write(to, facts);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

static void write_not_found(FILE *to, const struct facts *facts)
{
    (void)facts;
    fputs("There are / and /json.\n", to);
}

static void write_wrong_method(FILE *to, const struct facts *facts)
{
    (void)facts;
    fputs("GET and HEAD are answered.\n", to);
}

char *page_response(const char *request, const struct facts *facts, size_t *out_len)
{
    static const struct route not_found = {"", "text/plain", write_not_found};
    static const struct route wrong_method = {"", "text/plain", write_wrong_method};
    bool is_head = strncmp(request, "HEAD ", 5) == 0;
    bool is_known = is_head || strncmp(request, "GET ", 4) == 0;
    const struct route *route = is_known ? find_route(request) : &wrong_method;
    const char *line = is_known ? "200 OK" : "405 Method Not Allowed";
    if (route == NULL) {
        route = &not_found;
        line = "404 Not Found";
    }
    size_t body_len;
    char *body = in_memory(route->write, facts, &body_len);
    char *response = NULL;
    FILE *to = body != NULL ? open_memstream(&response, out_len) : NULL;
    if (to != NULL) {
        fprintf(to,
                "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%sConnection: "
                "close\r\nCache-Control: no-store\r\n\r\n",
                line, route->type, body_len, is_known ? "" : "Allow: GET, HEAD\r\n");
        if (!is_head)
            fwrite(body, 1, body_len, to);
        fclose(to);
    }
    free(body);
    return response;
}
