/*
 * atom - the table of atoms: text to number and back; never freed, as on the BEAM.
 *
 * Type-stable records in chunks; adding takes a lock, reading by number takes none. The record of an
 * atom also holds the pid registered under that name: register and release are compare-and-swap,
 * whereis is one load (registry.h in process/ gives the calls their meaning).
 * The table is limited (default 1,048,576, as OTP): atom_make then answers ATOM_FULL, which
 * callers turn into system_limit.
 */
#ifndef RUNTIME_TERM_ATOM_H
#define RUNTIME_TERM_ATOM_H

#include <stdatomic.h>

#include "runtime/base/mem.h"
#include "runtime/term/term.h"

#define ATOM_LIMIT 1048576u
#define ATOM_TEXT_MAX 255u
#define ATOM_FULL TERM_NONE

/* The atoms the runtime itself uses; their numbers are constants. ATOM(name) spells itself; ATOM_AS where C forbids it. */
#define ATOMS(A, AS) \
	AS(none_, "") A(false) A(true) A(undefined) A(ok) A(error) A(normal) A(kill) A(killed) A(shutdown) A(noproc) A(noconnection) \
	A(badarg) A(badarith) A(badmatch) A(function_clause) A(system_limit) A(memory) A(timeout) A(reply) A(noreply) A(stop) A(infinity) \
	AS(EXIT, "EXIT") AS(DOWN, "DOWN") A(process) A(port) A(info) A(nocatch) A(hibernate) A(set) A(ordered_set) A(bag) A(duplicate_bag) \
	A(public) A(protected) A(private) A(named_table) A(heir) A(one_for_one) A(one_for_all) A(rest_for_one) A(simple_one_for_one) \
	A(permanent) A(transient) A(temporary) A(worker) A(supervisor) A(brutal_kill) A(call) A(cast) A(continue) A(init) A(terminate) \
	A(max_heap_size) A(on_heap) A(off_heap) A(low) A(high) A(max) A(m) A(go) A(message) A(data) \
	AS(gen_call, "$gen_call") AS(gen_cast, "$gen_cast") AS(ets_transfer, "ETS-TRANSFER") AS(nonode, "nonode@nohost") AS(initial_call, "$initial_call") \
	AS(ancestors, "$ancestors") A(bad_return_value) A(reached_max_restart_intensity) A(already_started) A(not_found) \
	A(alias) A(gen_server) A(calling_self) A(ack) A(env) A(start_child) A(terminate_child) A(child_started) A(restart) A(start) \
	A(failed_to_start_child) A(already_present) A(log) A(crash) A(write) A(ask) A(events) A(one) AS(end_of_table, "$end_of_table")

enum atom_known {
#define A(name) ATOM_##name,
#define AS(name, text) ATOM_##name,
	ATOMS(A, AS)
#undef A
#undef AS
	ATOM_KNOWN_COUNT
};
#define ATOM(name) term_from_atom(ATOM_##name)

struct atoms;

/* limit: 0 = ATOM_LIMIT. The known atoms are in from the start. Charges CHARGE_ATOM, CHARGE_ATOM_USED as OTP counts. */
struct atoms *atoms_new(struct mem *mem, struct mem_lane *lane, uint32_t limit);
void atoms_free(struct atoms *a, struct mem_lane *lane);

/* The atom of this text (UTF-8, at most 255 bytes), made when new; ATOM_FULL at the limit. Any thread. */
term atom_make(struct atoms *a, struct mem_lane *lane, const char *text, size_t bytes);
term atom_make_z(struct atoms *a, struct mem_lane *lane, const char *text);

/* The atom when it exists, else TERM_NONE. Any thread. */
term atom_find(struct atoms *a, const char *text, size_t bytes);

/* Its text, zero-terminated, valid as long as the table. Any thread. */
const char *atom_text(const struct atoms *a, term atom);
const char *atom_text_at(const struct atoms *a, uint32_t index);

uint32_t atom_count(const struct atoms *a);
uint32_t atom_limit(const struct atoms *a);

/* The registered pid's word (0: none), for registry.h. */
_Atomic uint64_t *atom_registered(struct atoms *a, term atom);

#endif
