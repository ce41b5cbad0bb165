/*
 * findings - sentences about what is wrong, with evidence, a proof to make and a fix.
 *
 *   rates and histories of several samples ──▶ rule.test ──▶ struct finding ──▶ header, row letter, detail
 *
 * A rule is a row of a table (rules.c): name, letter, what it looks at, its test, its texts. It says
 * `watch` while the sign is young or weak and `sure` when the sign stood for several samples or a survey
 * proved it. A rule speaks only of a sustained sign, so a healthy system raises none however long it
 * runs. A finding that no longer holds goes away after three samples. To add one: a row and its test.
 */
#ifndef TUI_MODEL_FINDINGS_H
#define TUI_MODEL_FINDINGS_H

#include "runtime/snapshot.h"

struct model;

enum finding_level { FINDING_WATCH, FINDING_SURE };
enum finding_subject { FINDING_PROCESS, FINDING_TABLE, FINDING_SUPERVISOR, FINDING_APPLICATION, FINDING_SYSTEM };

struct finding_rule {
	const char *name;               /* "slice-pin" */
	char letter;                    /* 'P' */
	enum finding_subject about;
	const char *sentence;           /* what it means, for `?` and the detail */
	const char *proof;              /* the step that proves it: which key, what to expect */
	const char *fix;                /* what cures it */
	unsigned patience;              /* samples that its sign must stand before it is said at all */
	void (*test)(struct model *m, unsigned rule);
};

struct finding {
	uint64_t id;                    /* identity: rule and subject */
	const struct finding_rule *rule;
	enum finding_level level;
	uint64_t pid;                   /* process or supervisor, 0 = none */
	uint64_t table;                 /* table id, 0 = none */
	uint32_t application;           /* name id, 0 = none */
	uint32_t group;                 /* initial call when many equal processes are meant, else 0 */
	uint64_t bytes;                 /* what is at stake, for the order; 0 = not bytes */
	double since;                   /* seconds: when the sign was first seen */
	double seen;                    /* seconds: when it was last seen */
	char subject[64];               /* registered name, else pid; table, supervisor or "system" */
	char evidence[160];             /* the numbers it stands on */
};

/* All rules, in the order of their table. */
const struct finding_rule *findings_rules(size_t *count);

/* The open findings, most urgent first (sure, then bytes): borrowed until the model advances. */
const struct finding *model_findings(const struct model *m, size_t *count);

/*
 * What a line of a list stands for. A finding about many equal processes is about each of them; one about an
 * application as a whole is about its line only, not about every process in it.
 */
struct finding_about { uint64_t pid, table; uint32_t application, initial_call; };
bool finding_is_about(const struct finding *f, struct finding_about a);
struct finding_about finding_about_process(const struct snap_process *p);

/* The letters of the findings about it: "" when there are none. */
const char *model_finding_letters(const struct model *m, struct finding_about a, char *out, size_t size);

/* Switches a rule by name or letter off or on: false when there is no such rule. */
bool model_finding_switch(struct model *m, const char *rule, bool on);

#endif
