/*
 * options - the command line and the config file, from one table.
 *
 *   option_rows ──▶ getopt_long, --help, man page, completion, config keys
 *
 * Everything is checked before a world starts: columns against the tab, demos and knobs against the
 * catalogue, actions of --at. A mistake is one line, and the exit status 2.
 */
#ifndef TUI_OPTIONS_H
#define TUI_OPTIONS_H

#include <stdio.h>

#include "runtime/snapshot.h"
#include "runtime/source.h"
#include "tui/model/columns.h"

/* What is known of a demo before it runs; main makes it from the catalogue. Strings live as long as the program. */
struct demo_facts {
	const char *name;
	const char *title, *claim, *gc_helps, *culprit, *finding;
	const char *story, *tree, *press, *see, *cure, *otp;    /* paragraphs of the card; NULL or "" = none */
	const struct snap_knob *knobs;
	size_t knob_count;
};

struct demo_catalogue { const struct demo_facts *demos; size_t count; };

/* A demo named on the command line. */
struct demo_wish {
	const struct demo_facts *demo;
	size_t knob_count;
	const char *keys[SNAP_KNOBS];
	int64_t values[SNAP_KNOBS];
};

/* An action of --at. Names of processes are looked up when its time comes. */
struct at_wish {
	uint64_t time_us;
	enum command_kind kind;
	char target[64];                /* registered name, "<0.N.0>", or the application */
	char key[24];                   /* COMMAND_KNOB */
	int64_t value;
};

enum run_mode { RUN_SCREEN, RUN_BATCH, RUN_LIST_DEMOS, RUN_EXPLAIN, RUN_HELP, RUN_VERSION, RUN_DUMP_CONFIG, RUN_MAN,
	RUN_COMPLETION };
enum batch_format { BATCH_TABLE, BATCH_JSONL, BATCH_CSV };
enum recon { RECON_NONE, RECON_PROC_COUNT, RECON_PROC_WINDOW, RECON_BIN_LEAK };

struct options {
	enum run_mode mode;
	const char *argument;           /* of --explain, --completion */
	enum batch_format format;
	bool is_tab_given;
	const char *tab;                /* "processes" ... */
	enum row_kind kind;             /* what the tab lists */
	enum recon recon;
	uint64_t samples;               /* 0: until ended */
	double interval_s;
	const char *sort, *filter, *columns, *script, *theme;
	bool is_reversed;
	uint64_t limit;                 /* rows a sample; 0: all */
	uint64_t seed;
	bool is_deterministic;
	unsigned schedulers;            /* 0: as many as processors */
	uint64_t max_memory;            /* bytes; 0: the default */
	enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;
	bool is_linear, is_ascii, is_read_only, no_mouse, is_presenting;
	struct demo_wish *demos;
	size_t demo_count, demo_room;
	struct at_wish *actions;        /* by time, then as given */
	size_t action_count, action_room;
	const struct demo_catalogue *catalogue;
	char **kept;                    /* copies that the strings above point into */
	size_t kept_count, kept_room;
};

/*
 * Reads the config file, then the command line. False with one line, without a newline, in `error`.
 * `has_terminal`: is stdout one? Without it batch is chosen, with one sample.
 */
bool options_read(struct options *o, int argc, char **argv, const struct demo_catalogue *catalogue, bool has_terminal,
	char *error, size_t error_size);
void options_release(struct options *o);

/* Reads one config file over what is set. A missing file is no error when `is_optional`. */
bool options_read_config(struct options *o, const char *path, bool is_optional, char *error, size_t error_size);
/* The same from text, as tests and fuzzing want it. */
bool options_read_config_text(struct options *o, const char *text, const char *name, char *error, size_t error_size);

/* Starts with the defaults; options_read does that by itself. */
void options_init(struct options *o, const struct demo_catalogue *catalogue);

/* "T=ACTION" of --at, "demo:knob=value,..." of the arguments. */
bool options_read_action(struct options *o, const char *text, char *error, size_t error_size);
bool options_read_demo(struct options *o, const char *text, char *error, size_t error_size);

void options_print_help(FILE *out);
void options_print_man(FILE *out);
/* shell: bash, zsh or fish. False: another. */
bool options_print_completion(FILE *out, const char *shell, const struct demo_catalogue *catalogue);
void options_print_config(FILE *out, const struct options *o);
void options_print_demos(FILE *out, const struct demo_catalogue *catalogue);
/* False: no such demo. */
bool options_print_card(FILE *out, const struct demo_catalogue *catalogue, const char *name);

#endif
