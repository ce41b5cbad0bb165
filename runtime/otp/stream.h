/*
 * stream - data that comes in pieces, over a file or a generated source, with OTP's memory shape:
 * whole (File.read!), split (String.split: slices of one binary), by line, by block (File.stream!).
 */
#ifndef RUNTIME_OTP_STREAM_H
#define RUNTIME_OTP_STREAM_H

#include "runtime/process/process.h"

struct stream;
/* A generated text of so many bytes in lines of about line_bytes, from a seed; nothing is stored. */
struct stream *stream_generate(struct world *w, uint64_t bytes, unsigned line_bytes, uint64_t seed);
/* A file; NULL: *reason says why (an atom: enoent ...). */
struct stream *stream_file(struct world *w, const char *path, term *reason);
void stream_close(struct stream *s);
uint64_t stream_bytes(const struct stream *s);

/* The next piece as a binary; TERM_NONE at the end. May collect: live terms are given. Charges a reduction per KiB. */
term stream_read_all(struct process *p, struct stream *s, term **live, size_t live_count);
term stream_read_block(struct process *p, struct stream *s, size_t bytes, term **live, size_t live_count);
term stream_read_line(struct process *p, struct stream *s, term **live, size_t live_count);
/* binary:split of a whole text by newline: list of slices (copies up to 64 bytes). At most `limit` lines from *offset on, pushed on list. */
term stream_split(struct process *p, term whole, size_t *offset, size_t limit, term list);

#endif
