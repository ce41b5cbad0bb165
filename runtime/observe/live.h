/* live - what the parts of the live source share. Private to runtime/observe. */
#ifndef RUNTIME_OBSERVE_LIVE_H
#define RUNTIME_OBSERVE_LIVE_H

#include "runtime/observe/observe.h"
#include "runtime/otp/application.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"

#define LIVE_EVENTS 512u
#define LIVE_RECEIPTS 64u
#define LIVE_NOTICES 64u
#define LIVE_GC_AT_ONCE 1024u

/* A command that waits for its time. */
struct live_later { struct live_later *next; uint64_t us; struct command command; char text[128], subject[64]; };

/* A collection under way: the processes add up what moved. */
struct live_gc {
	struct receipt receipt;         /* first: processes write here */
	struct live_gc *next;
	char action[24], subject[64];
	uint64_t estimate, holds;       /* holds: bytes of the application(s) concerned, for the verdict */
	bool full;
	_Atomic bool complete;          /* every request was made */
};

/* An answer under way; freed by whoever comes second, asker or process. */
struct live_ask;

struct live {
	struct source source;
	struct world *world;
	struct mem_lane *lane;          /* outside */
	struct observe_options options;
	uint64_t interval_us, next_us, sample;
	struct live_later *later;       /* by time, then order */
	struct live_gc *collections;
	uint32_t atoms_at_start;
	uint64_t *cursors;              /* of the recorder, a lane each */
	uint64_t events_dropped, event_serial, receipt_serial, notice_serial;
	struct snap_receipt receipts[LIVE_RECEIPTS];
	struct snap_notice notices[LIVE_NOTICES];
	unsigned receipt_count, notice_count;
	struct live_ask *ask;           /* the newest question */
	_Atomic unsigned surveys;       /* asked for and not made yet */
	struct live_holders *holders;   /* the newest question who holds a binary; or NULL */
	/* Per sample, by index of the process table and by atom. */
	struct map64 table_bytes, table_count;          /* owner's index + 1 -> ... */
	uint64_t *owner_bits;           /* one bit an index: owns a table */
	uint64_t *running_bits;         /* one bit an atom: an application that runs */
	struct { uint32_t name; char limited_by[32]; bool running; } known[128];
	unsigned known_count;
};

/* rows.c */
void live_fill_row(struct live *l, struct slot *slot, struct snap_process *row, uint64_t pid);
/* Its two halves: what the process publishes, on any thread; what the last sample knew (tables, orphans), on the front end's only. */
void live_fill_published(struct live *l, struct slot *slot, struct snap_process *row, uint64_t pid);
void live_fill_known(struct live *l, struct snap_process *row);
size_t live_read_processes(struct source *s, uint32_t *cursor, struct snap_process *rows, size_t room);
bool live_read_process(struct source *s, uint64_t pid, struct snap_process *row);
term live_pid_of(struct live *l, uint64_t number);
const char *live_text(struct source *s, uint32_t id);
uint32_t live_text_id(struct source *s, const char *text);
uint64_t live_whereis(struct source *s, const char *name);
uint32_t live_id_of_text(const char *constant);
uint32_t live_label_of(const struct slot *slot);

/* sample.c */
struct snapshot *live_sample(struct live *l, bool counts);

/* command.c */
bool live_send(struct source *s, const struct command *c);
bool live_at(struct source *s, uint64_t us, const struct command *c);
/* Finished collections become receipts. */
void live_collect_receipts(struct live *l);
void live_run_later(struct live *l, uint64_t us);
void live_forget_commands(struct live *l);
PRINTF_LIKE(3, 4) void live_notice(struct live *l, const char *level, const char *format, ...);

/* detail.c */
bool live_ask_detail(struct source *s, uint64_t pid);
bool live_take_detail(struct source *s, struct snap_detail *out);
bool live_read_table(struct source *s, uint64_t table, uint64_t offset, struct snap_table_page *out);
void live_survey(struct live *l, uint64_t pid);
void live_forget_asks(struct live *l);

/* holders.c: asks who holds a payload; answers are put into the details of that process as they come. */
bool live_ask_holders(struct live *l, uint64_t pid, uint64_t serial);
void live_fill_holders(const struct live *l, struct snap_detail *d);
void live_forget_holders(struct live *l);

/* edges.c: counts who sends to whom from now on, or no more; the top edges, most messages first. */
bool live_count_edges(struct live *l, bool on);
size_t live_edge_room(const struct live *l);
size_t live_read_edges(const struct live *l, struct snap_edge *out, size_t room);

#endif
