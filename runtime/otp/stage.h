/*
 * stage - demand-driven producers and consumers (GenStage's contract in small): a consumer asks for n events, a producer
 * sends at most what was asked for, the rest waits in its bounded buffer or is not made at all.
 *
 *   consumer ──{ask, Ref, N}──▶ producer        producer ──{events, Ref, List}──▶ consumer
 */
#ifndef RUNTIME_OTP_STAGE_H
#define RUNTIME_OTP_STAGE_H

#include "runtime/otp/server.h"

struct stage_module {
	const char *name;
	/* Producer: makes at most `demand` events as a list into *events (live across, may collect); fewer when there are none now. */
	void (*make)(struct process *p, uint64_t demand, term *state, term *events);
	/* Consumer: handles one event; gives microseconds of work to be done. */
	uint64_t (*consume)(struct process *p, term event, term *state);
	uint64_t max_demand, min_demand;        /* consumer: asks again when so few are left */
	uint64_t buffer;                        /* producer: so many {event, E} wait for demand; over that the oldest are dropped and counted */
};
/* Steps: x[0] = small of the module, x[1] = initial state; a consumer also x[2] = its producer (pid or name). */
extern const struct step stage_producer_step;
extern const struct step stage_consumer_step;
term stage_spawn(struct process *parent, const struct stage_module *module, term state, term producer, const struct spawn_options *options);

#endif
