/*
 * logger - log events with OTP's overload protection (logger_std_h of OTP 25).
 *
 * One handler process. Queue over sync_mode_qlen: callers wait (here: are charged); over drop_mode_qlen: new events are dropped;
 * over flush_qlen: the queue is thrown away. Burst limit: so many events in so much time. Losses are counted, never silent.
 */
#ifndef RUNTIME_OTP_LOGGER_H
#define RUNTIME_OTP_LOGGER_H

#include "runtime/process/process.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };

struct logger_limits { uint64_t sync, drop, flush, burst_count, burst_us; };
#define LOGGER_LIMITS_DEFAULT { 10, 200, 1000, 500, 1000000 }
struct logger_counts { uint64_t logged, dropped, flushed, burst_dropped; };

/* A log event: the term is copied to the handler `to` (pid or name; TERM_NONE: the world's own). False: dropped. */
bool log_event(struct process *p, term to, enum log_level level, term report);
/* One line into the flight recorder and the notices. */
void log_text(struct process *p, enum log_level level, const char *format, ...) PRINTF_LIKE(3, 4);

/* The step of a handler process: x[0] = microseconds of work an event. Limits may be changed while it runs. Any thread. */
extern const struct step logger_step;
void logger_set_limits(struct world *w, term handler, const struct logger_limits *limits);
bool logger_counts(struct world *w, term handler, struct logger_counts *out);

#endif
