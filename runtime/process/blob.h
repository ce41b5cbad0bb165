/*
 * blob - binaries as a process makes them: allocation of payloads, charging, limits; memory/binary has the layouts.
 *
 * Each may collect; terms that must live are given by address. Reductions as on OTP 25 (copy: 1 per 100 bytes, append: 1 per KiB).
 */
#ifndef RUNTIME_PROCESS_BLOB_H
#define RUNTIME_PROCESS_BLOB_H

#include "runtime/process/process.h"

/* A binary of so many bytes filled from data, or with the byte `fill` when data is NULL; built as by an instruction. */
term blob_new(struct process *p, const void *data, size_t bytes, uint8_t fill, term **live, size_t live_count);
/* The last part of blob_new alone, for who reserved more at once (process_reserve_binary). Never collects. */
term blob_build(struct process *p, struct builder *b, const void *data, size_t bytes, uint8_t fill);
/* The same as a built-in makes it: no collection before, process_after_bif after it is the caller's. */
term blob_new_bif(struct process *p, const void *data, size_t bytes, uint8_t fill);
/* The first bytes / a part, taken by matching: copy up to 64 bytes, else a slice. badarg outside. t stays valid through its pointer. */
term blob_match(struct process *p, term *t, size_t offset, size_t bytes, term **live, size_t live_count);
/* binary:part/3: always a fragment, never collects. */
term blob_part(struct process *p, term t, size_t offset, size_t bytes);
/* binary:copy/1: always a new object. Never collects (process_room). */
term blob_copy(struct process *p, term t);
/* <<T/binary, data>>: an append buffer as on OTP 25. May collect. */
term blob_append(struct process *p, term *t, const void *data, size_t bytes, term **live, size_t live_count);
/* <<data, T/binary>>: copies everything. */
term blob_prepend(struct process *p, term *t, const void *data, size_t bytes, term **live, size_t live_count);

#endif
