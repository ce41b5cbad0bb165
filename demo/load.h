/*
 * load - what the demos share: a pace, payloads, crews, room.
 *
 * A pace turns "so many a second" into bursts: each tick asks how many are due since the last one. It reads the
 * knob at every tick, so a change acts at once, and what could not be made in time is forgiven, not made up for.
 *
 *      time      |----1 ms----|----1 ms----|----1 ms----|        rate 5000/s: a burst of 5 at each tick
 *
 * A crew is the children of a simple_one_for_one supervisor, kept at the number that a knob says.
 *
 * All functions are for the owner of the process. What may collect says so: C locals that hold terms are dead after
 * it.
 */
#ifndef DEMO_LOAD_H
#define DEMO_LOAD_H

#include "runtime/actor.h"

/* ---- Pace --------------------------------------------------------------------------------------- */

/* What a pace remembers, as smalls: the time of the last tick and the part of one that was left over. */
struct load_pace { uint64_t last_us, credit; };

/* How many are due now at `rate` a second, shared by so many of the same kind (at least one). */
uint64_t load_due(struct process *p, struct load_pace *pace, uint64_t rate, uint64_t sharers);
/* The same for a program: the pace lies in two slots from `slot` on. */
#define LOAD_PACE_SLOTS 2
uint64_t load_due_slot(struct process *p, unsigned slot, uint64_t rate, uint64_t sharers);
/*
 * The same for a program that dozes: hibernated from burst to burst, LOAD_DOZE_US apart, so that what its row shows is
 * alive. It sets load_alarm before and is woken by it: load_is_woken takes what came, true when the alarm was there,
 * raising shutdown when the process was told to end.
 *
 *     for (;;) {
 *             load_alarm(p);
 *             do HIBERNATE(p); while (!load_is_woken(p));
 */
#define LOAD_DOZE_US 100000u
uint64_t load_due_dozing(struct process *p, unsigned slot, uint64_t rate);
void load_alarm(struct process *p);
bool load_is_woken(struct process *p);
/* How long to sleep until the next is due: 1 to 100 ms. */
uint64_t load_nap_us(uint64_t rate, uint64_t sharers);

/* Waits, banner raised, until `bytes` more have room. For programs; bytes is evaluated at each look. */
#define LOAD_AWAIT_ROOM(p, bytes) while (!app_has_room((p), (bytes))) SLEEP((p), LOAD_RETRY_US)
#define LOAD_RETRY_US 100000

/* Room for `more` bytes beside `hidden` ones that the ceiling is meant for but no row of this application shows? */
bool load_has_room_beside(struct process *p, uint64_t hidden, uint64_t more);
/* Would so many real bytes fit that no ledger shows, such as the next larger table of monitors? Else the banner is raised. */
bool load_has_memory(struct process *p, uint64_t bytes);
/* A ceiling that is not in bytes: room for `more` of them beside the `have` that are there (of `bytes` each)?
 * Raises the banner or takes it away. */
bool load_has_count(struct process *p, uint64_t have, uint64_t more, uint64_t bytes);

/* ---- Knobs -------------------------------------------------------------------------------------- */

/* A knob that is never negative. */
static inline uint64_t load_knob(struct process *p, unsigned knob) { return (uint64_t) knob_get(p, knob); }
static inline bool load_fixed(struct process *p) { return knob_get(p, KNOB_FIX) != 0; }
/* Is this the message {env, Key, Value} that knob_subscribe asked for? */
bool load_is_env(struct process *p, term message, const char *key);

/* ---- Terms -------------------------------------------------------------------------------------- */

/* Reserve and build in one; may collect, the arguments survive. */
term load_tuple2(struct process *p, term a, term b);
term load_tuple3(struct process *p, term a, term b, term c);
term load_tuple4(struct process *p, term a, term b, term c, term d);
term load_cons(struct process *p, term head, term tail);
/* A tuple of n smalls: the state of a server that only counts. May collect. */
term load_numbers(struct process *p, size_t n, const int64_t *numbers);
static inline int64_t load_number(term tuple, size_t i) { return term_to_small(tuple_at(tuple, i)); }

/* A new binary of so many bytes; filling it is charged, so that no knob asks for more than a machine can write. May collect. */
term load_blob(struct process *p, uint64_t bytes, uint8_t fill);
/* Pushes `count` rows {N, N} on a list, five words each, N from `first` on. May collect. */
#define LOAD_ROW_WORDS 5u
term load_rows(struct process *p, term list, int64_t first, size_t count);
/*
 * Enum.map(1..n, &{&1, &1}): a list that is begun at its end and turned round, as Enum does it, row by row, so that the
 * heap grows as it does on the BEAM. load_map_to(p, n), then CALL it; the list comes back in x[0].
 */
void load_map_to(struct process *p, int64_t n);
extern const struct step load_map;
/* A large document, made of rows in pieces: two slots (the list, how many rows). True when it has `bytes`; a
 * larger one is begun anew. May collect. */
#define LOAD_DOCUMENT_SLOTS 2
bool load_grow_document(struct process *p, unsigned slot, uint64_t bytes);
/* A message of exactly so many words whose first element is `head`; one word cannot be: then the head itself,
 * which has none. May collect. */
term load_message(struct process *p, term head, size_t words);
#define LOAD_WORDS_PER_REDUCTION 8u
/* How much a queued message of so many words counts: its data and 88 bytes. */
static inline uint64_t load_message_bytes(uint64_t words) { return 8 * words + 88; }
/* A tuple of this arity? */
static inline bool load_is_tuple(term t, size_t arity) { return term_is_tuple(t) && tuple_arity(t) == arity; }
/* Is the message a tuple whose first element is this atom? */
bool load_is_tagged(term message, size_t arity, term tag);

/* ---- Crews -------------------------------------------------------------------------------------- */

/* Slots of a program: the list of pids (newest first), how many, how many are on their way, whose turn it is, who
 * is looked at next. */
#define LOAD_CREW_SLOTS 5
/*
 * Starts or ends children until there are `wanted`, some at each call: call it at each tick. Each gets its number
 * from 1. Asks for room of `bytes` each before it starts them, and again for those who are on their way. The template must be temporary: the crew replaces
 * who is gone.
 */
void load_crew(struct process *p, unsigned slot, term supervisor, uint64_t wanted, uint64_t bytes);
/* Takes {child_started, Pid}; false: the message is something else. May collect. */
bool load_crew_message(struct process *p, unsigned slot, term message);
/* The next one in turn, round and round; TERM_NONE: nobody. */
term load_crew_next(struct process *p, unsigned slot);
uint64_t load_crew_count(struct process *p, unsigned slot);

/* ---- Persistent terms ---------------------------------------------------------------------------- */

/* The name under which a demo keeps its one persistent term, see app_name; and a server that erases it when the
 * demo stops. */
#define LOAD_SETTINGS "settings"
extern const struct server_module load_janitor;

#endif
