/* SPDX-License-Identifier: MIT */
/* schannel cert: commands about certificates. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *text;
} commands[] = {
    {"list", command_cert_list, "list the certificates of a store or a file"},
    {"show", command_cert_show, "show a certificate, its extensions and properties"},
    {"add", command_cert_add, "add the certificates of a file to a store"},
    {"delete", command_cert_delete, "delete a certificate from a store"},
    {"verify", command_cert_verify,
     "build the chain of a file's or a host's certificate, explain it"},
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void usage(FILE *to)
{
    fprintf(to, "usage: schannel cert COMMAND [OPTIONS]\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].text);
    fprintf(to, "\n'schannel cert COMMAND --help' lists the options.\n");
}

int command_cert(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    bool asks = strcmp(name, "--help") == 0;
    if (!asks && name[0] != 0)
        fprintf(stderr, "schannel cert: there is no command '%s'\n\n", name);
    usage(asks ? stdout : stderr);
    return asks ? EXIT_OK : EXIT_USAGE;
}
