/*
 * tree - applications, supervisors, workers and tables with the sums of everything below.
 *
 *   shop                      application    sums of all its rows
 *     shop_sup                supervisor     itself and all below; strategy, intensity, restarts
 *       cart                  worker
 *         sessions            table, a leaf under its owner
 *       request:handle/1 x300 fold: equal children in one line with p50, p99, max
 *     (no supervisor)         workers of the application that hang under none
 *   runtime                   the runtime's own processes
 *   orphans                   processes and tables of no running application
 *
 * Nothing is asked of a supervisor. Rows name their supervisor and application, the sweep adds them up;
 * children are collected for open nodes only, at most TREE_CHILDREN of each, the highest by the tree's
 * order. So a tree of a million closed processes costs its sums and nothing more.
 */
#ifndef TUI_MODEL_TREE_H
#define TUI_MODEL_TREE_H

#include "tui/model/findings.h"

#define TREE_CHILDREN 512       /* children shown of one open node */
#define TREE_FOLD 8             /* more equal children than this are folded */
#define TREE_DEPTH 24

enum tree_kind { TREE_APPLICATION, TREE_SUPERVISOR, TREE_WORKER, TREE_FOLD_LINE, TREE_TABLE, TREE_LOOSE, TREE_SYSTEM,
	TREE_ORPHANS, TREE_MORE };

/* What a line adds up; bytes, counts. Rates are NaN until two samples were seen. */
struct sums {
	uint64_t processes, tables;
	uint64_t memory, binary_bytes, binary_share, ets_bytes, total_bytes;
	uint64_t message_queue_len, reductions, restarts;
	double reductions_rate, total_rate, queue_rate;
};

struct tree_line {
	enum tree_kind kind;
	uint8_t depth;
	bool can_open, is_open;
	bool is_last;                   /* last child of its parent: draw the corner */
	uint32_t rails;                 /* bit d: the ancestor at depth d has later siblings: draw a rail there */
	uint64_t id;                    /* identity of the line, also across samples */
	uint64_t parent;                /* id of the line above it in the tree, 0 = none */
	uint64_t pid;                   /* process or owner of the table, 0 = none */
	uint64_t table;                 /* TREE_TABLE: its id */
	uint32_t label;                 /* name id of what the line is called */
	uint32_t initial_call;          /* TREE_FOLD_LINE: what its children share */
	uint32_t application;           /* name id, 0 = none */
	uint8_t status;                 /* enum snap_status of a process, enum snap_app_state of an application */
	struct sums sums;
	double p50, p99, most;          /* TREE_FOLD_LINE: total bytes of one child; else NaN */
	uint32_t intensity, period_s;   /* supervisor */
	char strategy[20];
	uint16_t findings;              /* open findings in this subtree */
	char letters[12];               /* their letters, without repeats */
	char note[64];                  /* limit that holds it, why it ended, "owns ..." */
};

/* What findings may say about a line by itself; those below it are not among them. */
struct finding_about tree_about(const struct tree_line *l);

#endif
