/*
 * snapshot - what an observer may know about a runtime, as plain data.
 *
 *   runtime ──▶ struct snapshot (one per sample: system, applications, tables, receipts, events ...)
 *           ──▶ rows of struct snap_process, read in batches through the source
 *
 * Nothing in here points into the runtime. Words that repeat (function names, registered names,
 * application names) travel as numbers: `source.name(id)` gives the text, the same id means the same
 * text for the life of the source, and id 0 means "none".
 *
 * A million processes are never stored: the source hands out their rows in batches (source.h), the
 * reader keeps what it shows. `index` is dense and stable while a process lives, so a reader may keep
 * "before" values in an array; compare `pid` too, an index is used again after a death.
 *
 * Units stand in the names or at the end of the line. UNKNOWN marks what a source cannot tell:
 * screens show "-", JSON null, never 0.
 */
#ifndef RUNTIME_SNAPSHOT_H
#define RUNTIME_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNAP_UNKNOWN UINT64_MAX
#define SNAP_WORD_BYTES 8u

/* What a process is doing; the words are process_info's. */
enum snap_status { SNAP_WAITING, SNAP_RUNNING, SNAP_RUNNABLE, SNAP_SUSPENDED, SNAP_GARBAGE_COLLECTING, SNAP_EXITING,
	SNAP_HIBERNATED, SNAP_STATUS_COUNT };

enum snap_process_flag {
	SNAP_IS_SUPERVISOR = 1 << 0,
	SNAP_TRAPS_EXIT = 1 << 1,
	SNAP_OFF_HEAP_QUEUE = 1 << 2,
	SNAP_IS_ORPHAN = 1 << 3,     /* belongs to no running application */
	SNAP_IS_SYSTEM = 1 << 4,     /* the runtime's own: logger, application controller ... */
	SNAP_HAS_SURVEY = 1 << 5,    /* the survey_* fields are measured, `survey_age_ms` old */
};

/* One process. Figures follow the BEAM's accounting (process_info of OTP 25). */
struct snap_process {
	uint64_t pid;                 /* identity; shown as <0.pid.0>; never used again */
	uint32_t index;               /* dense place in the process table */
	uint8_t status;               /* enum snap_status */
	uint8_t priority;             /* 0 max, 1 high, 2 normal, 3 low */
	uint16_t flags;               /* enum snap_process_flag */
	uint32_t name;                /* registered name, 0 = none */
	uint32_t initial_call;
	uint32_t current_function;
	uint32_t application;
	uint32_t child_id;            /* its id under its supervisor */
	uint32_t label;               /* name, else child id, else initial call: what a row is called */
	uint64_t supervisor;          /* pid, 0 = none */
	uint64_t parent;              /* pid, 0 = none */
	uint64_t started_us;          /* world time of birth */
	uint64_t memory;              /* bytes, with queued messages: process_info(memory) */
	uint64_t message_queue_len;
	uint64_t mailbox_bytes;       /* part of memory: queued messages and their data */
	uint64_t messages_in;         /* messages ever received; its rate is the arrival rate */
	uint64_t reductions;
	uint64_t total_heap_size;     /* words */
	uint64_t heap_size;           /* words: the young block */
	uint64_t heap_used;           /* words */
	uint64_t high_water;          /* words below the mark */
	uint64_t stack_size;          /* words */
	uint64_t old_heap_size;       /* words: the old block */
	uint64_t old_heap_used;       /* words */
	uint64_t fragment_words;
	uint64_t minor_gcs;           /* since the last major: process_info */
	uint64_t minor_gcs_total;
	uint64_t major_gcs;           /* since birth */
	uint64_t gc_us;               /* time spent collecting since birth */
	uint64_t binary_bytes;        /* refc bytes held, each payload once */
	uint64_t binary_refs;         /* handles */
	uint64_t binary_share;        /* bytes: each payload's size / number of its holders */
	uint64_t bin_vheap_size;      /* words, with its limit */
	uint64_t bin_vheap_limit;
	uint64_t ets_bytes;           /* tables it owns */
	uint64_t ets_tables;
	uint64_t total_bytes;         /* attributed: memory + binary_share + ets_bytes */
	uint64_t links, monitors;     /* counts */
	uint64_t restarts;            /* of this child under its supervisor; a supervisor: sum */
	uint64_t survey_live_words;   /* SNAP_HAS_SURVEY: exact live words */
	uint64_t survey_free_bytes;   /* what a full sweep would free, binaries included */
	uint64_t survey_slice_bytes;  /* bytes reachable through slices of the parents held */
	uint64_t survey_age_ms;
};

/* Memory and activity of the whole node: erlang:memory() and friends. Rates are the reader's work. */
struct snap_system {
	uint64_t total, processes, processes_used, system, atom, atom_used, binary, code, ets;   /* bytes */
	uint64_t unattributed;        /* bytes of `processes` in no row: timers and the like */
	uint64_t timers;              /* armed */
	uint64_t dropped_sends;       /* to the dead, to unknown names */
	uint64_t orphans;
	uint64_t process_count, process_limit, atom_count, atom_limit, ets_count, ets_limit;
	uint64_t run_queue;
	uint64_t reductions, messages;          /* since the start */
	uint64_t gc_minor, gc_major, gc_words_reclaimed, gc_us;
	uint64_t carrier_bytes, rss, max_memory, soft_limit;      /* what this program really holds */
	uint64_t events_dropped;
	uint64_t restarts;            /* by all supervisors */
	uint64_t sample_us;           /* what filling this snapshot cost; 0 when deterministic */
	char limited_by[32];          /* "" or the limit's name */
};

/* Histogram of times: bucket i counts times below 2^i microseconds. */
#define SNAP_BUCKETS 24
struct snap_latency { uint64_t count[SNAP_BUCKETS]; uint64_t p50_us, p99_us, max_us, total; };

struct snap_scheduler {
	uint32_t id;
	uint64_t slices, reductions, steals, parks, run_us, idle_us, gc_us, run_queue, long_steps;
};

/* One row of the allocators: real bytes, not the BEAM's accounting. */
struct snap_allocator {
	char type[16];
	uint64_t blocks, block_bytes, peak_bytes;
};

/* One knob of an application: its environment entry. */
struct snap_knob {
	char key[24];
	char unit[12];
	char help[96];
	int64_t least, most, start, value;      /* numbers, or an index into `words` */
	uint8_t word_count;                     /* 0: a number */
	char words[8][16];                      /* e.g. off, on */
};
#define SNAP_KNOBS 10

enum snap_app_state { SNAP_APP_LOADED, SNAP_APP_RUNNING, SNAP_APP_STOPPED };

struct snap_application {
	uint32_t name;
	uint8_t state;                          /* enum snap_app_state */
	bool is_demo;
	char title[64];                         /* one line: the story */
	char claim[96];                         /* the article's claim it shows */
	char gc_helps[64];                      /* what a collection does to it */
	uint64_t top_supervisor;                /* pid */
	uint64_t processes, memory, message_queue_len, reductions, binary_bytes, ets_bytes, restarts;
	uint64_t charged_bytes;                 /* what its ceiling counts */
	char limited_by[32];
	char ended_reason[64];                  /* "" while it runs */
	uint32_t knob_count;
	struct snap_knob knobs[SNAP_KNOBS];     /* the first are `fix` and `ceiling` */
};

/* One supervisor, published by itself: strategy, intensity, restarts. */
struct snap_supervisor {
	uint64_t pid;
	uint32_t name, application;
	char strategy[20];
	uint32_t intensity, period_s;
	uint64_t children, restarts;
	struct { uint64_t time_us; uint32_t child_id; char reason[40]; } history[8];    /* newest first */
	uint32_t history_count;
};

struct snap_table {
	uint64_t id;
	uint32_t name, application;
	uint64_t owner, heir;                   /* pids, 0 = none */
	char type[16], protection[12];
	uint64_t size;                          /* objects */
	uint64_t memory_words;                  /* ets:info(memory) */
	uint64_t bytes;                         /* memory_words * 8 */
	uint64_t binary_bytes;                  /* refc bytes pinned by rows */
	uint64_t inserts, deletes, lookups;     /* since its birth */
};

enum snap_event_kind { SNAP_EV_GC_MINOR, SNAP_EV_GC_MAJOR, SNAP_EV_SPAWN, SNAP_EV_EXIT, SNAP_EV_CRASH, SNAP_EV_RESTART,
	SNAP_EV_LONG_STEP, SNAP_EV_LARGE_MESSAGE, SNAP_EV_CEILING, SNAP_EV_LOG, SNAP_EV_APPLICATION, SNAP_EV_COMMAND, SNAP_EV_COUNT };

struct snap_event {
	uint64_t serial;                        /* rises by one for each event */
	uint64_t time_us;
	uint64_t pid;
	uint8_t kind;
	uint32_t label;                         /* who, as a name */
	uint64_t before, after, us;             /* GC: words before, after; time. Others: see text */
	char text[96];
};

/* The five words of a receipt's verdict are the catalogue's, and computed from what moved. */
struct snap_receipt {
	uint64_t serial;
	double time;                            /* seconds */
	char action[24], subject[64];
	uint64_t processes;
	uint64_t own_before, own_after, queue_before, queue_after, binary_before, binary_after;    /* bytes */
	uint64_t us;
	uint64_t dead_bytes;                    /* found dead in heap blocks, which may stay as large, and in binaries */
	uint64_t estimate;                      /* bytes the survey had promised, or SNAP_UNKNOWN: compares with dead_bytes */
	char verdict[40];
};

/* A line for people: limit reached, application ended, command refused. */
struct snap_notice {
	uint64_t serial;
	double time;
	char level[8];                          /* info, warning, error */
	char text[160];
};

/* Who sends to whom, from a bounded sketch kept at send while switched on. */
struct snap_edge { uint64_t from, to; uint64_t messages, bytes; };

/* One sample. Counted: source.next gives it, snapshot_drop ends it. */
struct snapshot {
	uint32_t references;
	uint64_t sample;                        /* from 1 */
	double time;                            /* seconds since the start of the world */
	uint32_t process_high;                  /* indices are below this */
	struct snap_system system;
	struct snap_latency call_latency, gc_pauses;
	uint64_t calls_over_gc;                 /* server calls that overlapped a collection of their server */
	size_t scheduler_count, allocator_count, application_count, supervisor_count, table_count;
	size_t event_count, receipt_count, notice_count, edge_count;
	struct snap_scheduler *schedulers;
	struct snap_allocator *allocators;
	struct snap_application *applications;
	struct snap_supervisor *supervisors;
	struct snap_table *tables;
	struct snap_event *events;              /* new since the previous sample, oldest first */
	struct snap_receipt *receipts;          /* new since the previous sample */
	struct snap_notice *notices;            /* new since the previous sample */
	struct snap_edge *edges;                /* largest first */
	size_t application_room, supervisor_room, table_room, event_room, edge_room;       /* of the arrays, for who gave them */
	void (*drop)(struct snapshot *s);       /* frees it; set by the source */
	struct snap_application *summed;        /* of snapshot_sums_add: the last one that a row belonged to */
};

/*
 * What one process tells about itself when asked (source.ask_detail). It answers between two of its
 * steps, so the answer is exact and was never guessed from outside. Lists are bounded; `*_total` says
 * how many there are.
 */
#define SNAP_DETAIL_ROWS 64
struct snap_binary { uint64_t serial, bytes, references, used_bytes; };     /* used: reachable through slices here */
struct snap_frame { uint32_t function; uint32_t slots; };
struct snap_text { char text[120]; };
struct snap_relation { uint64_t pid; uint32_t label; uint8_t kind; };       /* 0 link, 1 monitors, 2 monitored by */
struct snap_message { uint64_t age_us; uint64_t words; char text[120]; };
struct snap_pair { char key[48]; char value[120]; };
struct snap_holder { uint64_t pid; uint32_t label; uint64_t handles; bool is_table; };

struct snap_detail {
	uint64_t pid;
	bool dead;
	double time;
	uint64_t asked_us;                      /* how long it took to answer */
	struct snap_process row;                /* exact at the moment of the answer */
	uint64_t live_young, live_old;          /* words, by the survey */
	uint64_t would_free_words, would_free_binary_bytes;
	uint64_t fullsweep_after, min_heap_size, min_bin_vheap_size, max_heap_size;
	uint64_t bin_old_vheap_size, bin_old_vheap_limit;
	bool max_heap_kill;
	size_t binary_count, binary_total, frame_count, frame_total, relation_count, relation_total;
	size_t message_count, message_total, pair_count, pair_total, holder_count, holder_asked, holder_answered;
	struct snap_binary binaries[SNAP_DETAIL_ROWS];          /* largest first */
	struct snap_frame frames[SNAP_DETAIL_ROWS];             /* top first */
	struct snap_relation relations[SNAP_DETAIL_ROWS];
	struct snap_message messages[SNAP_DETAIL_ROWS];         /* oldest first */
	struct snap_pair pairs[SNAP_DETAIL_ROWS];               /* process dictionary */
	struct snap_holder holders[SNAP_DETAIL_ROWS];           /* of the largest binary */
	char state[512];                                        /* a server's state, cut */
	/* One cell a few words, for the heap strip: 0 free, 1 new, 2 survived once, 3 old, 4 stack, 5 dead (by survey), 6 message. */
	uint8_t strip[256];
	uint32_t strip_cells, strip_words_per_cell;
};

/* Takes a share. Any thread. */
struct snapshot *snapshot_retain(struct snapshot *s);

/* Gives a share back; the last frees. NULL is allowed. Any thread. */
void snapshot_drop(struct snapshot *s);

/*
 * The sums that rows make: processes, memory, queues, work, binaries of each application, and orphans. A reader that
 * sweeps all rows after each sample adds them up on the way (source.h, sums_rows): begin, then each row once.
 */
void snapshot_sums_begin(struct snapshot *s);
void snapshot_sums_add(struct snapshot *s, const struct snap_process *row);

#endif
