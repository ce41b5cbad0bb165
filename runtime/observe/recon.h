/*
 * recon - the questions of recon (ferd.github.io/recon), with its answers' shapes, asked of any source.
 *
 *   proc_count(Attribute, N)     {Pid, Value, [Name, {current_function, F}, {initial_call, F}]}, the largest first
 *   proc_window(Attribute, N)    the same of what grew between open and close
 *   bin_leak(N)                  the same, value: minus the handles that a full sweep of everybody made go away
 *   info(Pid)                    meta, signals, location, memory_used, work
 *
 * On the front end's thread, like the source itself. A window and a leak are opened, then the world must run (samples
 * pass), then they are closed.
 */
#ifndef RUNTIME_OBSERVE_RECON_H
#define RUNTIME_OBSERVE_RECON_H

#include "runtime/source.h"

enum recon_attribute { RECON_MEMORY, RECON_MESSAGE_QUEUE_LEN, RECON_REDUCTIONS, RECON_TOTAL_HEAP_SIZE, RECON_BINARY_MEMORY,
	RECON_ATTRIBUTE_COUNT };

/* By recon's name; RECON_ATTRIBUTE_COUNT: there is none of that name. */
enum recon_attribute recon_attribute_by_name(const char *name);

struct recon_row {
	uint64_t pid;
	int64_t value;
	uint32_t name, current_function, initial_call;  /* ids of the source's texts; name 0: none */
};

/* Fills at most n rows, gives how many. */
size_t recon_proc_count(struct source *s, enum recon_attribute attribute, struct recon_row *rows, size_t n);

/* NULL: no memory. close gives the rows that lie in between and frees it; only processes that lived at both ends. */
struct recon_window;
struct recon_window *recon_window_open(struct source *s, enum recon_attribute attribute);
size_t recon_window_close(struct recon_window *w, struct recon_row *rows, size_t n);

/* open asks everybody to collect (NULL: the source cannot, or no memory); is_done when all have answered. */
struct recon_leak;
struct recon_leak *recon_leak_open(struct source *s);
/* Looks at the receipts of a sample. */
bool recon_leak_is_done(struct recon_leak *l, const struct snapshot *sample);
size_t recon_leak_close(struct recon_leak *l, struct recon_row *rows, size_t n);

/* "{<0.5.0>,-12,[logger,{current_function,...},{initial_call,...}]}". Gives the length. */
size_t recon_row_text(struct source *s, const struct recon_row *row, char *out, size_t room);

/* recon:info(Pid), its five groups, as text, from what the process told of itself (ask_detail, take_detail). Gives the length; 0: dead. */
size_t recon_info_text(struct source *s, const struct snap_detail *detail, char *out, size_t room);

#endif
