/*
 * settings - see settings.h.
 */
#include "tui/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tui/model/util.h"

#define VALUE 512

struct setting { const char *key; char value[VALUE]; bool is_written; };

enum { SETTING_TAB, SETTING_DELAY, SETTING_THEME, SETTING_MOUSE, SETTING_PRESENTER, SETTING_SORT, SETTING_COLUMNS,
	SETTING_COUNT };

static bool config_path(char *path, size_t size)
{
	const char *named = getenv("ACTOP_CONFIG"), *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (named && *named)
		util_print(path, size, "%s", named);
	else if (base && *base)
		util_print(path, size, "%s/actop/config", base);
	else if (home && *home)
		util_print(path, size, "%s/.config/actop/config", home);
	else
		return false;
	return true;
}

/* Makes the folders above a file; one that is there already is fine. */
static void make_folders(const char *path)
{
	char part[PROMPT_SIZE * 2];

	util_print(part, sizeof part, "%s", path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(part, 0777);
		*slash = '/';
	}
}

static void collect_lists(const struct session *s, struct setting *all)
{
	enum row_kind kind = session_kind(s);
	const struct view *v = model_view(s->model, kind);
	const struct chosen *c = &s->chosen[kind];
	size_t used = 0;

	for (size_t i = 0; i < v->sort_count; i++)
		used += util_print(all[SETTING_SORT].value + used, VALUE - used, "%s%s", i ? "," : "", v->sort[i].column->key);
	used = 0;
	for (size_t i = 0; i < c->count; i++)
		used += util_print(all[SETTING_COLUMNS].value + used, VALUE - used, "%s%s", i ? "," : "", c->columns[i]->key);
}

static void collect(const struct session *s, struct setting *all)
{
	static const char *const keys[SETTING_COUNT] = { "tab", "delay", "theme", "no-mouse", "presenter", "sort",
		"columns" };

	for (size_t i = 0; i < SETTING_COUNT; i++)
		all[i].key = keys[i];
	util_print(all[SETTING_TAB].value, VALUE, "%s", place_of(s->visits[0].place)->name);
	util_print(all[SETTING_DELAY].value, VALUE, "%g", (double) s->interval_us / 1e6);
	util_print(all[SETTING_THEME].value, VALUE, "%s", theme_name(s->theme));
	util_print(all[SETTING_MOUSE].value, VALUE, "%s", s->uses_mouse ? "no" : "yes");
	util_print(all[SETTING_PRESENTER].value, VALUE, "%s", s->is_presenting ? "yes" : "no");
	if (session_visit_const(s)->place == PLACE_PROCESSES)
		collect_lists(s, all);
}

static struct setting *setting_of_line(struct setting *all, const char *line)
{
	line += strspn(line, " \t");
	size_t length = strcspn(line, " \t=:\n");

	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (strlen(all[i].key) == length && !strncmp(all[i].key, line, length) && *all[i].value)
			return &all[i];
	return NULL;
}

static void setting_write(struct setting *s, FILE *out)
{
	if (*s->value && !s->is_written)
		fprintf(out, "%s = %s\n", s->key, s->value);
	s->is_written = true;
}

/* The old file line by line, ours in their places; what it did not have follows. */
static void merge(FILE *old, struct setting *all, FILE *out)
{
	char line[2048];
	bool is_empty = true;

	while (old && fgets(line, sizeof line, old)) {
		struct setting *s = setting_of_line(all, line);
		if (s)
			setting_write(s, out);
		else
			fputs(line, out);
		is_empty = false;
	}
	if (is_empty)
		fputs("[actop]\n", out);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		setting_write(&all[i], out);
}

bool settings_save(const struct session *s, char *path, size_t path_size, char *error, size_t error_size)
{
	struct setting all[SETTING_COUNT] = { 0 };
	char temporary[PROMPT_SIZE * 2];

	if (!config_path(path, path_size)) {
		util_complain(error, error_size, "there is no home to keep settings in");
		return false;
	}
	collect(s, all);
	make_folders(path);
	util_print(temporary, sizeof temporary, "%s.new", path);
	FILE *out = fopen(temporary, "w"), *old = fopen(path, "r");
	if (out)
		merge(old, all, out);
	if (old)
		fclose(old);
	if (out && fclose(out) == 0 && rename(temporary, path) == 0)
		return true;
	util_complain(error, error_size, "cannot write %s: %s", path, strerror(errno));
	return false;
}
