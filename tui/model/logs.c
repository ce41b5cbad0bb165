/*
 * logs - receipts, notices and events, the newest few thousand of each in rings.
 */
#include "tui/model/model_body.h"

#include <stdlib.h>

/* Lines of the front end's own are numbered from here, so that they never meet the runtime's serials. */
#define OWN_SERIAL (UINT64_C(1) << 63)

void logs_init(struct logs *l)
{
	l->events = util_new(LOG_EVENTS, sizeof *l->events);
	l->receipts = util_new(LOG_RECEIPTS, sizeof *l->receipts);
	l->notices = util_new(LOG_NOTICES, sizeof *l->notices);
}

void logs_release(struct logs *l)
{
	free(l->events);
	free(l->receipts);
	free(l->notices);
	*l = (struct logs) { 0 };
}

static void take_event(struct logs *l, const struct snap_event *e)
{
	if (l->last_event && e->serial > l->last_event + 1)
		l->lost += e->serial - l->last_event - 1;
	l->last_event = e->serial;
	l->events[l->event_total++ % LOG_EVENTS] = *e;
}

void logs_take(struct model *m, const struct snapshot *s)
{
	struct logs *l = &m->logs;

	for (size_t i = 0; i < s->event_count; i++)
		take_event(l, &s->events[i]);
	for (size_t i = 0; i < s->receipt_count; i++)
		l->receipts[l->receipt_total++ % LOG_RECEIPTS] = s->receipts[i];
	for (size_t i = 0; i < s->notice_count; i++)
		l->notices[l->notice_total++ % LOG_NOTICES] = s->notices[i];
}

const struct snap_receipt *model_last_receipt(const struct model *m)
{
	const struct logs *l = &m->logs;

	return l->receipt_total ? &l->receipts[(l->receipt_total - 1) % LOG_RECEIPTS] : NULL;
}

const struct snap_notice *model_last_notice(const struct model *m)
{
	const struct logs *l = &m->logs;

	return l->notice_total ? &l->notices[(l->notice_total - 1) % LOG_NOTICES] : NULL;
}

void model_say(struct model *m, const char *level, const char *format, ...)
{
	struct snap_notice *n = &m->logs.notices[m->logs.notice_total++ % LOG_NOTICES];
	va_list arguments;

	*n = (struct snap_notice) { .serial = OWN_SERIAL | ++m->logs.own_serial, .time = m->newest ? m->newest->time : 0 };
	util_print(n->level, sizeof n->level, "%s", level);
	va_start(arguments, format);
	util_vprint(n->text, sizeof n->text, format, arguments);
	va_end(arguments);
	view_stale(m, ROW_NOTICE);
}

uint64_t model_events_lost(const struct model *m) { return m->logs.lost; }

/* "own 195.3 KiB -> 2.6 KiB" when it says something. */
static size_t part(char *out, size_t size, const char *what, uint64_t before, uint64_t after)
{
	char b[FORMAT_SIZE], a[FORMAT_SIZE];

	if (!before && !after)
		return 0;
	return util_print(out, size, "%s %s -> %s  ", what, format_bytes(b, sizeof b, format_known(before)),
		format_bytes(a, sizeof a, format_known(after)));
}

const char *model_receipt_text(const struct snap_receipt *r, char *out, size_t size)
{
	char us[FORMAT_SIZE];
	size_t n = util_print(out, size, "%s %s: ", r->action, r->subject);

	n += part(out + n, size - n, "own", r->own_before, r->own_after);
	n += part(out + n, size - n, "queue", r->queue_before, r->queue_after);
	n += part(out + n, size - n, "binaries", r->binary_before, r->binary_after);
	util_print(out + n, size - n, "%s  %s", format_value(us, sizeof us, UNIT_US, format_known(r->us)), r->verdict);
	return out;
}

const char *model_receipt_estimate(const struct snap_receipt *r, char *out, size_t size)
{
	char promised[FORMAT_SIZE], dead[FORMAT_SIZE];

	*out = '\0';
	if (r->estimate != SNAP_UNKNOWN)
		util_print(out, size, "promised %s, found dead %s", format_bytes(promised, sizeof promised, (double) r->estimate),
			format_bytes(dead, sizeof dead, (double) r->dead_bytes));
	return out;
}

/* Newest first; the kernel of a tombstone's text. */
const char *model_exit_reason(const struct model *m, uint64_t pid, char *out, size_t size)
{
	const struct logs *l = &m->logs;
	uint64_t oldest = l->event_total > LOG_EVENTS ? l->event_total - LOG_EVENTS : 0;

	*out = '\0';
	for (uint64_t i = l->event_total; i-- > oldest; ) {
		const struct snap_event *e = &l->events[i % LOG_EVENTS];

		if (e->pid != pid || (e->kind != SNAP_EV_EXIT && e->kind != SNAP_EV_CRASH))
			continue;
		util_print(out, size, "%s", e->text);
		break;
	}
	return out;
}
