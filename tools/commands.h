/* SPDX-License-Identifier: MIT */
/* The subcommands; each returns the program's exit status. */
#ifndef SCHANNEL_TOOLS_COMMANDS_H
#define SCHANNEL_TOOLS_COMMANDS_H

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

int command_demo(int argc, char **argv);
int command_client(int argc, char **argv);
int command_server(int argc, char **argv);
int command_cert(int argc, char **argv);
/* schannel cert ... */
int command_cert_list(int argc, char **argv);
int command_cert_show(int argc, char **argv);
int command_cert_add(int argc, char **argv);
int command_cert_delete(int argc, char **argv);
int command_cert_verify(int argc, char **argv);

#endif
