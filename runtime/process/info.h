/*
 * info - process_info/2 and garbage_collection_info: what a process says of itself, in OTP 25's words and units.
 *
 * Owner only, between two steps: others ask by a signal (request_ask, life.h). Nothing here collects, charges or makes a block.
 */
#ifndef RUNTIME_PROCESS_INFO_H
#define RUNTIME_PROCESS_INFO_H

#include "runtime/memory/gc.h"
#include "runtime/process/process.h"

struct process_info {
	uint64_t memory;                /* bytes, with queued messages */
	uint64_t total_heap_words;      /* block, old block, fragments, data of an on_heap queue that lies outside */
	uint64_t heap_words;            /* the young block */
	uint64_t stack_words;
	uint64_t queue_length;
	uint64_t reductions;
	uint64_t minor_gcs;             /* since the last major one */
	/* [block used high old_block old_used stack fragments vheap limit old_vheap old_limit], words */
	uint64_t gc[GC_VECTOR - 1];
	struct heap_options options;
};

void process_info(const struct process *p, struct process_info *out);

/* process_info(binary): calls see(bytes of the payload, its holders) for each handle; append buffers are not listed (as on OTP 25). */
void process_info_binaries(const struct process *p, void (*see)(void *context, uint64_t bytes, uint64_t holders), void *context);

/*
 * process_info/2 by OTP's names: {Item, Value} as OTP 25 gives it; lists tell their first `most` elements. Built at room[],
 * of process_info_words(most); refers to the process's own terms, so print or copy it before the next step. TERM_NONE: no
 * such item. Left out, since there is nothing of the kind here: async_dist, backtrace, catchlevel, current_location,
 * error_handler, group_leader, last_calls, sequential_trace_token, trace.
 */
term process_info_item(struct process *p, const char *name, unsigned most, term *room);
size_t process_info_words(unsigned most);
/* The i-th item and the unit of its figures; NULL: beyond the last. */
const char *process_info_name(unsigned i, const char **unit);

/*
 * Asks another process, or itself: {process_info, Pid, {Item, Value}} comes as a message, {process_info, Pid, undefined} of
 * the dead. By signal, answered between two steps: a suspended or hibernated process answers and stays so. False: badarg.
 */
bool process_ask_info(struct process *p, term pid, const char *item, unsigned most);

#endif
