/* SPDX-License-Identifier: MIT */
#include "verdicts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void verdict_add(struct verdicts *v, const char *name, bool should_accept, bool accepts)
{
    assert(v->count < VERDICT_CASES_MAX && strlen(name) < VERDICT_NAME_MAX);
    struct verdict *one = &v->cases[v->count++];
    snprintf(one->name, sizeof one->name, "%s", name);
    one->should_accept = should_accept;
    one->accepts = accepts;
}

static struct verdict *find(struct verdicts *v, const char *name)
{
    for (size_t i = 0; i < v->count; i++) {
        if (strcmp(v->cases[i].name, name) == 0)
            return &v->cases[i];
    }
    return NULL;
}

/* Entries that are no difference. */
static size_t read_list(struct verdicts *v, const char *list_file)
{
    char line[512];
    char name[VERDICT_NAME_MAX];
    char word[16];
    size_t stale = 0;
    FILE *file = fopen(list_file, "r");
    assert(file != NULL);
    for (size_t i = 0; i < v->count; i++)
        v->cases[i].is_listed = false;
    while (fgets(line, sizeof line, file) != NULL) {
        int end = 0;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        int n = sscanf(line, "%127s %15s %n", name, word, &end);
        struct verdict *one = n == 2 ? find(v, name) : NULL;
        bool says_accepted = n == 2 && strcmp(word, "accepted") == 0;
        bool is_good = one != NULL && line[end] != 0 && one->accepts == says_accepted &&
                       one->accepts != one->should_accept && !one->is_listed;
        if (is_good)
            one->is_listed = true;
        else
            printf("stale entry: %s", line);
        stale += !is_good;
    }
    fclose(file);
    return stale;
}

struct score {
    size_t good;
    size_t falsely_accepted;
    size_t falsely_refused;
};

static struct score score_of(const struct verdicts *v)
{
    struct score score = {0, 0, 0};
    for (size_t i = 0; i < v->count; i++) {
        const struct verdict *one = &v->cases[i];
        score.good += one->accepts == one->should_accept;
        score.falsely_accepted += one->accepts && !one->should_accept;
        score.falsely_refused += !one->accepts && one->should_accept;
    }
    return score;
}

bool verdicts_told(const struct verdicts *v, const char *title, const char *document)
{
    char row[256];
    char line[1024];
    struct score score = score_of(v);
    bool is_told = false;
    snprintf(row, sizeof row, "| %s | %zu | %zu | %zu | %zu |\n", title, v->count, score.good,
             score.falsely_accepted, score.falsely_refused);
    FILE *file = fopen(document, "r");
    assert(file != NULL);
    while (!is_told && fgets(line, sizeof line, file) != NULL)
        is_told = strcmp(line, row) == 0;
    fclose(file);
    if (!is_told)
        printf("%s lacks the row %s", document, row);
    return is_told;
}

bool verdicts_fit(struct verdicts *v, const char *title, const char *list_file)
{
    struct score score = score_of(v);
    size_t unlisted = 0;
    size_t stale = read_list(v, list_file);
    for (size_t i = 0; i < v->count; i++) {
        const struct verdict *one = &v->cases[i];
        if (one->accepts == one->should_accept || one->is_listed)
            continue;
        printf("%s: %s although it should not be\n", one->name,
               one->accepts ? "accepted" : "refused");
        unlisted++;
    }
    printf("%s: %zu of %zu as demanded; %zu falsely accepted, %zu falsely refused\n", title,
           score.good, v->count, score.falsely_accepted, score.falsely_refused);
    return stale == 0 && unlisted == 0;
}

bool verdicts_controls(struct verdicts *v, const char *list_file)
{
    struct verdict *first = &v->cases[0];
    bool found = true;
    first->accepts = !first->accepts;
    found = !verdicts_fit(v, "control, one turned round", list_file) && found;
    first->accepts = !first->accepts;
    /* Every listed case must be missed when it is gone. */
    for (size_t i = 0; i < v->count; i++) {
        struct verdict kept = v->cases[i];
        if (!kept.is_listed)
            continue;
        v->cases[i].accepts = kept.should_accept;
        found = !verdicts_fit(v, "control, a difference gone", list_file) && found;
        v->cases[i] = kept;
        break;
    }
    return found;
}
