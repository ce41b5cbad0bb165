/*
 * program - resumable steps: straight code that sleeps and receives, for processes that are no servers.
 *
 *   static enum next producer(struct process *p)
 *   {
 *       enum { TARGET, COUNT };                    // slots 0, 1 ...
 *       PROGRAM(p, 2);
 *       slot_set(p, TARGET, x_get(p, 0));          // arguments arrive in x
 *       for (;;) {
 *           SLEEP(p, 1000);
 *           process_send(p, slot_get(p, TARGET), ATOM(go));
 *       }
 *       PROGRAM_END(p);
 *   }
 *
 * The place to go on at is a small in the last slot, behind the program's own; so no C local lives across SLEEP,
 * YIELD, RECEIVE, CALL: keep everything in slots. One such word a line of source.
 */
#ifndef RUNTIME_PROCESS_PROGRAM_H
#define RUNTIME_PROCESS_PROGRAM_H

#include "runtime/process/process.h"

/* First entry: grows the frame by slots + 1 (x registers stay). Gives the label to go on at. May collect. */
unsigned program_enter(struct process *p, unsigned slots);
void program_set_label(struct process *p, unsigned slots, unsigned label);
/* Receive looks at none of the messages that are queued now, only at later ones (until rewind or take). */
void program_skip_queued(struct process *p);
/* Sleep is over? Leaves queued messages alone. */
bool program_slept(struct process *p);

#define PROGRAM(p, slots) const unsigned program_slots_ = (slots); switch (program_enter((p), program_slots_)) { case 0:
#define PROGRAM_END(p) } return frame_return((p), ATOM(ok))
/* A turn of a receive loop costs a reduction; a slice that is used up ends before the next message is taken. */
#define PROGRAM_CHARGE_(p) do { if (process_charge((p), 1)) return STEP_YIELD; } while (0)
#define PROGRAM_LABEL_(p) program_set_label((p), program_slots_, __LINE__)

/* After the others have had their turn. */
#define YIELD(p) do { PROGRAM_LABEL_(p); return STEP_YIELD; case __LINE__:; } while (0)
/* For so many microseconds; messages stay queued. */
#define SLEEP(p, us) do { PROGRAM_LABEL_(p); process_set_timeout((p), (us)); __attribute__((fallthrough)); case __LINE__: if (!program_slept(p)) return STEP_WAIT; } while (0)
/* Sleeps without garbage until a message comes, which stays queued. Only for the bottom frame. */
#define HIBERNATE(p) do { PROGRAM_LABEL_(p); return STEP_HIBERNATE; case __LINE__:; } while (0)
/* The next message into the term variable m, waiting for it. m is a C local: store it before anything collects. */
#define RECEIVE(p, m) do { PROGRAM_LABEL_(p); __attribute__((fallthrough)); case __LINE__: PROGRAM_CHARGE_(p); if (!process_receive((p), &(m))) return STEP_WAIT; } while (0)
/* The same; goes on after us without one: then m is TERM_NONE. */
#define RECEIVE_AFTER(p, m, us) do { PROGRAM_LABEL_(p); process_set_timeout((p), (us)); __attribute__((fallthrough)); case __LINE__: PROGRAM_CHARGE_(p); (m) = TERM_NONE; \
	if (!process_receive((p), &(m)) && !process_timed_out(p)) { return STEP_WAIT; } process_set_timeout((p), UINT64_MAX); } while (0)
/* The first message for which fits(p, term) is true; the others stay (selective receive, one reduction each). */
#define RECEIVE_MATCH(p, m, fits) do { PROGRAM_LABEL_(p); __attribute__((fallthrough)); case __LINE__: PROGRAM_CHARGE_(p); if (!program_match((p), (fits), &(m))) return STEP_WAIT; } while (0)
bool program_match(struct process *p, bool (*fits)(struct process *p, term t), term *out);
/* Calls another step: goes on here when it returned, its value in x[0]. */
#define CALL(p, step) do { PROGRAM_LABEL_(p); frame_call((p), (step)); return STEP_NEXT; case __LINE__:; } while (0)
/* Busy for so long (50 reductions a microsecond). */
#define WORK(p, us) do { PROGRAM_LABEL_(p); process_work_us((p), (us)); return STEP_NEXT; case __LINE__:; } while (0)

#endif
