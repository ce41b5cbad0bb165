/*
 * tabs - the functions that the table of places names: one file each.
 */
#ifndef TUI_TAB_TABS_H
#define TUI_TAB_TABS_H

#include "tui/tab/session.h"

enum row_kind applications_kind(const struct session *s);
void applications_draw(struct session *s, const struct layout *l, struct canvas *c);
void applications_hint(struct session *s, char *out, size_t size);

enum row_kind processes_kind(const struct session *s);
void processes_draw(struct session *s, const struct layout *l, struct canvas *c);
void processes_hint(struct session *s, char *out, size_t size);

enum row_kind system_kind(const struct session *s);
void system_draw(struct session *s, const struct layout *l, struct canvas *c);
void system_hint(struct session *s, char *out, size_t size);
bool system_on_key(struct session *s, uint32_t key);

enum row_kind tables_kind(const struct session *s);
void tables_draw(struct session *s, const struct layout *l, struct canvas *c);
void tables_hint(struct session *s, char *out, size_t size);
void content_draw(struct session *s, const struct layout *l, struct canvas *c);
void content_hint(struct session *s, char *out, size_t size);
bool content_on_key(struct session *s, uint32_t key);

enum row_kind demos_kind(const struct session *s);
void demos_draw(struct session *s, const struct layout *l, struct canvas *c);
void demos_hint(struct session *s, char *out, size_t size);
bool demos_on_key(struct session *s, uint32_t key);
void card_draw(struct session *s, const struct layout *l, struct canvas *c);
void card_hint(struct session *s, char *out, size_t size);
bool card_on_key(struct session *s, uint32_t key);

/* Changes a knob of the demo in hand by steps; on: also by exact value. */
void demos_knob_step(struct session *s, int step);
void demos_knob_set(struct session *s, const struct snap_application *a, const struct snap_knob *k, int64_t value);

enum row_kind detail_kind(const struct session *s);
void detail_draw(struct session *s, const struct layout *l, struct canvas *c);
void detail_hint(struct session *s, char *out, size_t size);
bool detail_on_key(struct session *s, uint32_t key);
/* The filter of the events that a page of the detail shows; "" for none. */
const char *detail_events_filter(const struct visit *v, char *out, size_t size);
/* Name of a page; NULL past the last. Chooses it by number. */
const char *detail_page_name(int page);

enum row_kind findings_kind(const struct session *s);
void findings_draw(struct session *s, const struct layout *l, struct canvas *c);
void findings_hint(struct session *s, char *out, size_t size);

enum row_kind events_kind(const struct session *s);
enum row_kind log_kind(const struct session *s);
enum row_kind flow_kind(const struct session *s);
enum row_kind changes_kind(const struct session *s);
void events_draw(struct session *s, const struct layout *l, struct canvas *c);
void events_hint(struct session *s, char *out, size_t size);

#endif
