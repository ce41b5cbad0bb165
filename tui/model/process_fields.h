/*
 * process_fields - the numbers of a process that have a rate, in one list.
 *
 * From it come the value column, the rate column, the field number that indexes row.rate, and the arrays
 * that remember them. A new number of snap_process becomes all of that by one line here.
 */
#ifndef TUI_MODEL_PROCESS_FIELDS_H
#define TUI_MODEL_PROCESS_FIELDS_H

#include "tui/model/columns.h"

/*
 * F(name in snap_process, heading, width, rank when room is
 * scarce, unit, flags of the value, flags of the rate, help).
 */
#define PROCESS_FIRST(F) \
	F(memory, "MEMORY", 9, 2, BYTES, COLUMN_BS, 0, \
		"Bytes of the process itself with its queued messages, as process_info(memory).") \
	F(message_queue_len, "MSGQ", 7, 2, COUNT, COLUMN_BS, 0, "Messages that wait in its mailbox.") \
	F(reductions, "REDS", 9, 8, COUNT, COLUMN_B, COLUMN_S, \
		"Work done since birth, in reductions: about a function call each.") \
	F(total_heap_size, "TOTHEAP", 10, 8, WORDS, COLUMN_B, 0, "Words of all its heap blocks and fragments.") \
	F(heap_size, "HEAP", 10, 8, WORDS, COLUMN_B, 0, "Words of the young heap block with the stack.") \
	F(stack_size, "STACK", 8, 8, WORDS, COLUMN_B, 0, "Words on its stack.") \
	F(old_heap_size, "OLD", 10, 8, WORDS, COLUMN_B, 0, \
		"Words of the old heap block: what survived two minor collections.") \
	F(minor_gcs, "MINOR", 7, 8, COUNT, COLUMN_B, 0, "Minor collections since the last full sweep.") \
	F(major_gcs, "MAJOR", 7, 8, COUNT, COLUMN_B, 0, "Full sweeps since birth.") \
	F(binary_bytes, "BINARY", 9, 3, BYTES, COLUMN_BS, 0, \
		"Bytes of refc binaries that it holds, each payload once.") \
	F(binary_refs, "BINREFS", 8, 8, COUNT, COLUMN_B, 0, \
		"Handles on refc binaries, garbage ones included until a collection.") \
	F(ets_bytes, "ETS", 9, 5, BYTES, COLUMN_BS, 0, "Bytes of the tables that it owns.") \
	F(total_bytes, "TOTAL", 9, 1, BYTES, COLUMN_BS, COLUMN_S, \
		"Attributed memory: its own, its share of the binaries it holds and its tables. All rows add up.")

#define PROCESS_REST(F) \
	F(mailbox_bytes, "MBOX", 9, 6, BYTES, 0, 0, "The part of memory that queued messages and their data take.") \
	F(messages_in, "IN", 9, 7, COUNT, 0, 0, "Messages received since birth; its rate is the arrival rate.") \
	F(heap_used, "USED", 10, 8, WORDS, 0, 0, "Words of the young heap in use.") \
	F(high_water, "HIWATER", 10, 9, WORDS, 0, 0, \
		"Words below the high-water mark: survived one collection, promoted by the next.") \
	F(old_heap_used, "OLDUSED", 10, 8, WORDS, 0, 0, \
		"Words of the old heap in use, garbage included: only a full sweep knows.") \
	F(fragment_words, "FRAGS", 9, 9, WORDS, 0, 0, "Words of heap fragments beside the blocks.") \
	F(minor_gcs_total, "MINORS", 8, 8, COUNT, 0, 0, "Minor collections since birth.") \
	F(gc_us, "GCTIME", 8, 8, US, 0, 0, "Time spent collecting since birth; its rate is the share of a core.") \
	F(binary_share, "BINSHARE", 9, 6, BYTES, 0, 0, \
		"Each binary's size divided by its holders: what adds up to the total.") \
	F(bin_vheap_size, "VHEAP", 10, 9, WORDS, 0, 0, \
		"Virtual binary heap: words of binaries made since the last collection.") \
	F(bin_vheap_limit, "VHLIMIT", 10, 9, WORDS, 0, 0, "The virtual binary heap that triggers a collection.") \
	F(ets_tables, "TABLES", 7, 8, COUNT, 0, 0, "Tables that it owns.") \
	F(links, "LINKS", 7, 8, COUNT, 0, 0, "Links to other processes.") \
	F(monitors, "MONS", 7, 8, COUNT, 0, 0, "Monitors, its own and those on it.") \
	F(restarts, "RST", 5, 7, COUNT, 0, 0, \
		"Restarts of this child under its supervisor; of a supervisor: the sum.")

#define PROCESS_ENUM(member, ...) PROCESS_##member,
enum process_field { PROCESS_FIRST(PROCESS_ENUM) PROCESS_REST(PROCESS_ENUM) PROCESS_FIELD_COUNT };
_Static_assert(PROCESS_FIELD_COUNT <= COLUMNS_FIELDS_MOST, "room for every field in row.rate");

#endif
