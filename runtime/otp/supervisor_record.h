/*
 * supervisor_record - what a supervisor publishes about itself: type-stable places with a sequence number, odd while
 * the owner writes. Readers copy and look at the number again; they wait for nobody.
 */
#ifndef RUNTIME_OTP_SUPERVISOR_RECORD_H
#define RUNTIME_OTP_SUPERVISOR_RECORD_H

#include <pthread.h>

#include "runtime/otp/supervisor.h"

#define SUPERVISOR_CHUNK 64u
#define SUPERVISOR_LIMIT 4096u          /* more run, but are not published */

struct supervisor;

struct supervisor_place {
	_Atomic uint32_t sequence;
	bool taken;                     /* under the lock of all */
	uint32_t index;
	struct supervisor *owner;       /* freed with the world if it never exited */
	_Atomic uint64_t word[sizeof(struct supervisor_record) / 8];
};

struct supervisors {
	pthread_mutex_t lock;
	struct supervisor_place *_Atomic chunk[SUPERVISOR_LIMIT / SUPERVISOR_CHUNK];
	_Atomic uint32_t high;
};

struct supervisors *supervisor_places_new(struct mem_lane *lane);
void supervisor_places_free(struct supervisors *s, struct mem_lane *lane);
/* NULL: all are taken. */
struct supervisor_place *supervisor_place_take(struct supervisors *s, struct mem_lane *lane, struct supervisor *owner);
void supervisor_place_give(struct supervisors *s, struct supervisor_place *place);
void supervisor_place_write(struct supervisor_place *place, const struct supervisor_record *record);
/* NULL: beyond the last. */
struct supervisor_place *supervisor_place_at(struct supervisors *s, uint32_t i);

#endif
