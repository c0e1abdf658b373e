/* SPDX-License-Identifier: MIT */
/*
 * The system's stores: where they lie, what is seen through them, and what validation reads of
 * them.
 *
 *  the machine's  <sysconfdir>/schannel/stores/NAME
 *  the user's     $XDG_DATA_HOME/schannel/stores/NAME, or ~/.local/share/schannel/stores/NAME
 *
 * A user's store shows the machine's entries behind its own, but MY does not. ROOT shows the
 * distribution's bundle, too, unless a file named "exclusive" lies in the machine's folder. In a
 * privileged process the user has no stores: the environment is not to be trusted.
 */
#ifndef SCHANNEL_CRYPT32_SYSTEM_H
#define SCHANNEL_CRYPT32_SYSTEM_H

#include "crypt32/store.h"

/*
 * CertOpenStore with a name; `flags` are its dwFlags, with the location. 0, or the last error; with
 * CERT_STORE_DELETE_FLAG, *out is NULL in any case.
 */
DWORD system_open(const char *name, DWORD flags, struct store **out);
/* The same without the machine's entries and the bundle: CERT_STORE_PROV_SYSTEM_REGISTRY. */
DWORD system_open_alone(const char *name, DWORD flags, struct store **out);
/* Calls for each store of a location, those that every system has first, until one call is false.
 * 0, or the last error. */
DWORD system_each(DWORD flags, bool (*visit)(const char *name, void *arg), void *arg);

/*
 * A flat, read-only store in memory of what the user's (_MACHINE_: the machine's) view of a store
 * holds: for validation, which asks often. Read again when a folder has changed. With a reference.
 * roots_open (cert.h) is the same for ROOT.
 */
enum system_view {
    VIEW_ROOT,
    VIEW_CA,
    VIEW_DISALLOWED,
    VIEW_TRUSTED_PEOPLE,
    VIEW_NTAUTH, /* the machine's alone */
    VIEW_MACHINE_ROOT,
    VIEW_MACHINE_CA,
    VIEW_MACHINE_DISALLOWED,
    VIEW_MACHINE_TRUSTED_PEOPLE
};
err system_view_open(enum system_view view, struct store **out, DWORD *out_error) MUST_USE;
/* Drops what is kept of the views. */
void system_forget(void);

/* For tests: another folder in the place of <sysconfdir> (NULL: the system's); and as if the
 * process were privileged. Both forget. */
void system_use_machine(const char *folder);
void system_pretend_privileged(bool is_privileged);

#endif
