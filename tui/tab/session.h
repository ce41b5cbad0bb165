/*
 * session - what the user sees and has in hand: which place, which page, what is asked, what was said.
 *
 *   visits   [tab] ▸ [detail of <0.91.0>] ▸ [detail of its supervisor]      Esc goes back one
 *
 * The session belongs to the front end's thread. Drawing a frame changes nothing in it but `hits`: where
 * things lie, so that the mouse finds them.
 */
#ifndef TUI_TAB_SESSION_H
#define TUI_TAB_SESSION_H

#include "tui/model/model.h"
#include "tui/widget/canvas.h"
#include "tui/widget/layout.h"
#include "tui/widget/prompt.h"

#define SESSION_VISITS 12
#define SESSION_COLUMNS 24
#define SESSION_HITS 128
#define SESSION_TEXT 200
#define SESSION_SETTLE_MS 120
#define SESSION_RECEIPT_MS 15000       /* how long a receipt lies on the screen when no key is pressed */

enum place_id { PLACE_APPLICATIONS, PLACE_PROCESSES, PLACE_SYSTEM, PLACE_TABLES, PLACE_DEMOS,
	PLACE_DETAIL, PLACE_FINDINGS, PLACE_EVENTS, PLACE_LOG, PLACE_CONTENT, PLACE_FLOW, PLACE_CHANGES, PLACE_CARD,
	PLACE_COUNT };
#define PLACE_TABS 5

/* One open place. Above the tab, `subject` is the pid, table or application it is about. */
struct visit { enum place_id place; uint64_t subject; int page, scroll, cursor, step; };

enum popup { POPUP_NONE, POPUP_HELP, POPUP_ASK, POPUP_CHOOSE, POPUP_PROMPT };
enum hit_kind { HIT_TAB, HIT_LINE, HIT_HEADER, HIT_KEY, HIT_PAGE, HIT_KNOB };
struct hit { enum hit_kind kind; int row, col, rows, cols; long value; const void *what; };

/* The columns of a kind as the screen shows them: the user's choice, else those of the table. */
struct chosen { const struct column *columns[SESSION_COLUMNS]; size_t count; };

/* A question before harm; the answer is one key. The command is the model's outbox. */
struct question { char text[SESSION_TEXT]; char detail[SESSION_TEXT]; };

/* A list of things to pick from: columns, orders. */
struct chooser { enum row_kind kind; bool is_order; size_t cursor, top; };

struct help_state { char search[48]; size_t cursor, top; };

struct session {
	struct model *model;
	const struct theme *theme;
	struct visit visits[SESSION_VISITS];
	size_t visit_count;
	struct visit tab_kept[PLACE_TABS];      /* where each tab was left */
	struct chosen chosen[ROW_KIND_COUNT];
	bool is_list;                           /* Applications: plain list instead of the tree */
	bool is_presenting, is_read_only, uses_mouse, wants_linear, is_over, follows_off;
	uint64_t interval_us, now_ms;
	enum popup popup;
	struct prompt prompt;
	struct prompt_history history;
	void (*prompt_done)(struct session *s, const char *text);       /* NULL text: left with Esc */
	void (*prompt_changed)(struct session *s, const char *text);    /* at each key; NULL: none */
	char prompt_before[PROMPT_SIZE];        /* filter to return to on Esc */
	char candidates[SESSION_TEXT];          /* of the last completion */
	void (*answer)(struct session *s, bool yes);
	struct question question;
	uint64_t *held_pids;            /* whom the open prompt or question is about: fixed when it opened */
	size_t held_count;
	char held_subject[64];
	uint32_t held_app;
	char save_path[PROMPT_SIZE];    /* the next frame is saved there */
	bool wants_redraw;              /* Ctrl-L */
	bool wants_interval, wants_theme, wants_mouse;  /* the loop applies what a command changed */
	struct chooser chooser;
	struct help_state help;
	char message[SESSION_TEXT];
	enum role message_role;
	uint64_t message_until_ms;
	uint64_t receipt_seen, notice_seen;     /* serials already shown */
	uint64_t receipt_until_ms;              /* the last receipt lies over the body until then, or the next key */
	size_t knob;                            /* of the demo in hand */
	char keys_typed[48];                    /* presenter mode echoes them */
	double draw_us;                         /* cost of the last frame */
	uint64_t settles_ms;            /* until then what stands beside the list waits: the selection is moving */
	char hint[SESSION_TEXT];        /* as it was last made, and where */
	enum place_id hint_place;
	struct cell *beside;            /* cells of that part as they were last drawn */
	size_t beside_room;
	struct area beside_area;
	enum place_id beside_place;
	int pid_cols;                           /* cells of the longest pid seen: only grows */
	bool counts_edges;                      /* who sends to whom is being counted: only while one looks */
	bool has_event_filter;                  /* the filter of the events is a page's, not the user's */
	char event_filter[PROMPT_SIZE];         /* the user's, meanwhile */
	struct hit hits[SESSION_HITS];
	size_t hit_count;
};

/* What a place is: its list, how it is drawn, what can be done next. */
struct place {
	const char *title, *narrow;             /* "Applications", "Apps" */
	const char *name;                       /* for --tab and `:go` */
	enum row_kind (*kind)(const struct session *s);                 /* the list that keys move in */
	void (*draw)(struct session *s, const struct layout *l, struct canvas *c);
	void (*hint)(struct session *s, char *out, size_t size);        /* the next step, in words */
	/* Keys of its own, before the table of actions; true when taken. NULL: none. */
	bool (*on_key)(struct session *s, uint32_t key);
};

const struct place *place_of(enum place_id id);
/* By name; PLACE_COUNT when there is none. */
enum place_id place_find(const char *name);

void session_init(struct session *s, struct model *m);
void session_release(struct session *s);

/* The place in view and its list. */
struct visit *session_visit(struct session *s);
const struct visit *session_visit_const(const struct session *s);
enum row_kind session_kind(const struct session *s);

/* Changes the tab; what was open above is left. */
void session_go_tab(struct session *s, enum place_id tab);

/* Opens a place above, or goes back one: false when only the tab is left. */
void session_open(struct session *s, enum place_id place, uint64_t subject);
bool session_back(struct session *s);

/*
 * After a change of place or page: the model is asked for the process in view, and the list of events is
 * kept to it where a page shows its events only.
 */
void session_settle(struct session *s);

/* One line in the status row for five seconds, or longer for longer texts. */
void session_say(struct session *s, enum role role, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Notices new receipts and notices of the model, and puts them into the status row. */
void session_catch_up(struct session *s);

void session_hit(struct session *s, struct pane p, int row, int col, int rows, int cols, enum hit_kind kind, long value,
	const void *what);
const struct hit *session_hit_at(const struct session *s, int row, int col);

/* The columns of a kind that the screen shows, before the width decides. */
size_t session_columns(const struct session *s, enum row_kind kind, const struct column **out);
void session_columns_set(struct session *s, enum row_kind kind, const struct column *const *columns, size_t count);

/* The application in hand in Demos: its snapshot; NULL when there is none. */
const struct snap_application *session_demo(struct session *s);

/* The pid that the selected row stands for, 0 when none. */
uint64_t session_pid(struct session *s);

#endif
