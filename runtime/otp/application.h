/*
 * application - a named tree of supervisors with an environment. A demo is an application; a knob is an environment entry.
 *
 * The n-th instance of an application `x` runs as `x@n`, its registered names end in @n. Environment entries
 * are atomic numbers: a step reads them at no cost, a change is told to those who asked (knob_subscribe).
 * Every application has the entries `fix` (0 off) and `ceiling` (bytes charged to its processes, tables, binaries).
 */
#ifndef RUNTIME_OTP_APPLICATION_H
#define RUNTIME_OTP_APPLICATION_H

#include "runtime/otp/supervisor.h"

struct knob {
	const char *key, *unit, *help;
	int64_t least, most, start;
	const char *const *words;       /* NULL: a number; else words[least .. most], zero-terminated list */
};

/* What the cards say; see actop --explain. */
struct card {
	const char *title;              /* one line: the story */
	const char *claim;              /* the article's claim */
	const char *story, *tree, *press, *see, *cure, *otp;    /* paragraphs */
	const char *gc_helps;           /* "no", "only after the fix", "yes, all" ... */
	const char *culprit;            /* registered name, "table NAME", or "system:ROW" */
	const char *finding;            /* rule that shows it, "" = none */
};

/* The first two knobs of every application: FIX and CEILING, spelled with these. */
enum { KNOB_FIX, KNOB_CEILING, KNOB_FIRST };
#define KNOB_FIX_WORDS(list, count) { "fix", "", "the cure, switched on or off", 0, (count) - 1, 0, (list) }
#define KNOB_FIX_OFF_ON { "fix", "", "the cure, switched on or off", 0, 1, 0, knob_off_on }
#define KNOB_CEILING_BYTES(bytes) { "ceiling", "bytes", "growth stops here", 1000000, INT64_C(4000000000), (bytes), NULL }
extern const char *const knob_off_on[];

/*
 * What happens to the others when one ends by itself, as application:start/2 has it: nothing; they are stopped, the newest
 * first, unless it ended normally; they are stopped.
 */
enum application_type { APPLICATION_TEMPORARY, APPLICATION_TRANSIENT, APPLICATION_PERMANENT };

struct application {
	const char *name;
	enum application_type type;
	const struct knob *knobs;
	size_t knob_count;              /* <= 10 */
	const struct supervisor_spec *top;
	const struct application *const *also;          /* second applications of the story, started before; NULL-terminated or NULL */
	const struct card *card;
	bool is_demo;
	bool (*asks_room)(void);        /* NULL: its producers ask (the rule) */
};

/* From outside (main, tests, observers); any thread. instance 0: the first. Names of instances: x, x@2, x@3 ... */
uint32_t application_start(struct world *w, const struct application *a, unsigned instance, const char *const *keys, const int64_t *values, size_t count);
bool application_stop(struct world *w, uint32_t name);          /* asks; ends when its tree is gone */
bool application_is_running(struct world *w, uint32_t name);
bool application_set(struct world *w, uint32_t name, const char *key, int64_t value);   /* false: no such key or out of range */
bool application_get(struct world *w, uint32_t name, const char *key, int64_t *value);

/* Stops and starts again with the same entries. */
bool application_reset(struct world *w, uint32_t name);

/* What observers see of one instance. */
struct application_record {
	const struct application *application;
	uint32_t name;
	bool running, ended;            /* ended: it ran once and its row stays */
	uint64_t top;                   /* pid word of its top supervisor */
	uint64_t restarts, charged_bytes;
	int64_t values[10];             /* of its knobs */
	char limited_by[32], ended_reason[64];
	uint64_t binary_bytes;          /* charged for payloads that its processes made and that still live */
	unsigned instance;              /* from 1 */
};
/* Copies the i-th instance ever started; false: beyond the last. Any thread. */
bool application_record_at(struct world *w, uint32_t i, struct application_record *out);

/* Does a process of this application belong nowhere? None, or one that does not run. Any thread. */
bool application_is_orphan(struct world *w, uint32_t application);

/* From a step: the entries of its own application, by place in its knobs[]. */
int64_t knob_get(struct process *p, unsigned knob);
/* A change comes as {env, Key, Value} from now on. */
void knob_subscribe(struct process *p);
/* A registered name of this instance ("writer" -> writer or writer@2), and who has it (TERM_NONE: nobody). */
term app_name(struct process *p, const char *name);
term app_whereis(struct process *p, const char *name);
/* Raises the banner: this application stands at a limit ("ceiling", "max_memory", ...); "" takes it away. */
void app_limited_by(struct process *p, const char *limit);
/* Asks for room below the ceiling of the application and of the world, raising or taking away the banner by the answer.
 * A ceiling whose unit is not bytes is counted by the demo itself (mem_has_room, app_limited_by): this asks the world only. */
bool app_has_room(struct process *p, uint64_t bytes);

#endif
