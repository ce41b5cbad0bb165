/*
 * batch - the rows of a tab as text: for files, pipes and programs.
 *
 *   source ─sample─▶ model ─▶ rows, by the columns of the screen ─▶ table | jsonl | csv
 *
 * One record a line, raw numbers, with `sample`, `time` and `kind`. Receipts and notices that came with a
 * sample stand before its rows in jsonl, and go to stderr in the other formats.
 */
#ifndef TUI_BATCH_H
#define TUI_BATCH_H

#include "runtime/source.h"
#include "tui/options.h"

/* Prints o->samples samples to `out`: the exit status, 0 also when nobody reads any more (EPIPE). */
int batch_run(const struct options *o, struct source *source, FILE *out, FILE *err);

#endif
