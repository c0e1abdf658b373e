/* SPDX-License-Identifier: MIT */
/* schannel: shows, makes and serves connections with libschannel. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <libschannel.h>

#include "commands.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *text;
} commands[] = {
    {"demo", command_demo, "a client and a server exchange tokens in memory; every call is shown"},
    {"client", command_client, "connect to HOST[:PORT], report, then relay or --get a page"},
    {"server", command_server, "serve a status page (or --echo) over TLS"},
    {"cert", command_cert, "look at certificates and at what is trusted"},
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void usage(FILE *to)
{
    fprintf(to, "usage: schannel COMMAND [OPTIONS]\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].text);
    fprintf(to, "\n'schannel COMMAND --help' lists the options. 'schannel --version' names the "
                "library.\n");
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    if (strcmp(name, "--version") == 0) {
        printf("libschannel %s\n", SchannelVersion());
        return EXIT_OK;
    }
    bool asks = strcmp(name, "--help") == 0 || strcmp(name, "help") == 0;
    if (!asks && name[0] != 0)
        fprintf(stderr, "schannel: there is no command '%s'\n\n", name);
    usage(asks ? stdout : stderr);
    return asks ? EXIT_OK : EXIT_USAGE;
}
