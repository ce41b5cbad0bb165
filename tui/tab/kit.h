/*
 * kit - small pieces that several places are put together from.
 */
#ifndef TUI_TAB_KIT_H
#define TUI_TAB_KIT_H

#include "tui/tab/rows.h"
#include "tui/widget/chart.h"
#include "tui/widget/meter.h"
#include "tui/widget/text.h"

/* "label value" with the label dimmed; gives the column for the next, three on. */
int kit_fact(struct pane p, int row, int col, const char *label, enum role role, const char *value);

/* The same with a number. */
int kit_number(struct pane p, int row, int col, const char *label, enum role role, enum unit unit, double value);

/* Label left, number right-aligned to end at `end`. */
void kit_aligned(struct pane p, int row, int col, int end, const char *label, enum role role, enum unit unit,
	double value);

/* The memory categories of the node as parts of a bar, and as curves of a stack. Gives how many. */
#define KIT_CATEGORIES 5
size_t kit_memory_parts(const struct session *s, struct part parts[KIT_CATEGORIES]);
size_t kit_memory_curves(const struct session *s, struct curve curves[KIT_CATEGORIES]);

/* A chart of the node's memory with a title, filling the pane. */
void kit_memory_chart(struct session *s, struct pane p);

/* What is known of a process without asking it: facts, attributed memory, history, findings. */
void kit_process(struct session *s, struct pane p, const struct snap_process *r);

/* The findings about a process, table or application, as sentences; gives the row after them. */
int kit_findings(struct session *s, struct pane p, int row, struct finding_about about);

/* The newest events and receipts, one a line, newest last. */
void kit_log(struct session *s, struct pane p);

/* Text of a name id, "-" for none. */
const char *kit_name(const struct session *s, uint32_t id);

/* What a pid is called: its registered name or label, else "<0.N.0>". */
const char *kit_called(const struct session *s, uint32_t label, uint64_t pid, char *out, size_t size);

const char *kit_status(uint8_t status);

#endif
