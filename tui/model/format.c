#include "tui/model/format.h"
#include "tui/model/util.h"
#include "runtime/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* From 1000 of a unit on the next one is used, so that no number needs more than five characters. */
static size_t print_bytes(char *out, size_t size, double v, const char *per)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t u = 0;

	while (fabs(v) >= 999.95 && u + 1 < UTIL_LENGTH(units)) {
		v /= 1024;
		u++;
	}
	return util_print(out, size, u ? "%.1f %s%s" : "%.0f %s%s", v + 0.0, units[u], per);
}

static size_t print_count(char *out, size_t size, double v, const char *unit)
{
	if (fabs(v) >= 999999500.0)
		return util_print(out, size, "%.2fG%s", v / 1e9, unit);
	if (fabs(v) >= 999999.5)
		return util_print(out, size, "%.2fM%s", v / 1e6, unit);
	return util_print(out, size, "%.0f%s", v + 0.0, unit);
}

static size_t print_rate(char *out, size_t size, double v, const char *unit)
{
	double a = fabs(v);

	if (a >= 999950.0)
		return util_print(out, size, "%.2fM%s", v / 1e6, unit);
	if (a >= 9999.5)
		return util_print(out, size, "%.1fk%s", v / 1e3, unit);
	if (a < 99.95 && a > 0 && fabs(v - round(v)) > 0.05)
		return util_print(out, size, "%.1f%s", v, unit);
	return util_print(out, size, "%.0f%s", v + 0.0, unit);
}

static size_t print_us(char *out, size_t size, double us)
{
	if (fabs(us) < 999.5)
		return util_print(out, size, "%.0f us", us + 0.0);
	if (fabs(us) < 999950.0)
		return util_print(out, size, "%.1f ms", us / 1e3);
	return util_print(out, size, "%.1f s", us / 1e6);
}

static size_t print_seconds(char *out, size_t size, double s)
{
	unsigned long long whole = (unsigned long long) (s > 0 ? s + 0.5 : 0);

	if (fabs(s) < 9.95)
		return util_print(out, size, "%.1f s", s);
	if (s < 119.5)
		return util_print(out, size, "%.0f s", s);
	if (whole < 7200)
		return util_print(out, size, "%llum%02llus", whole / 60, whole % 60);
	if (whole < 48 * 3600)
		return util_print(out, size, "%lluh%02llum", whole / 3600, whole / 60 % 60);
	return util_print(out, size, "%llu days", whole / 86400);
}

static size_t print_clock(char *out, size_t size, double s)
{
	unsigned long long whole = (unsigned long long) (s > 0 ? s : 0);

	return util_print(out, size, "%02llu:%02llu:%02llu", whole / 3600, whole / 60 % 60, whole % 60);
}

static size_t print_percent(char *out, size_t size, double v)
{
	return util_print(out, size, fabs(v) < 9.95 && v != round(v) ? "%.1f%%" : "%.0f%%", v + 0.0);
}

static size_t print_pid(char *out, size_t size, double v)
{
	return v > 0 ? util_print(out, size, "<0.%.0f.0>", v) : util_print(out, size, "%s", "");
}

char *format_value(char *out, size_t size, enum unit unit, double v)
{
	if (isnan(v)) {
		util_print(out, size, "-");
		return out;
	}
	if (isinf(v)) {
		util_print(out, size, v > 0 ? "inf" : "-inf");
		return out;
	}
	switch (unit) {
	case UNIT_BYTES: print_bytes(out, size, v, ""); break;
	case UNIT_BYTES_RATE: print_bytes(out, size, v, "/s"); break;
	case UNIT_WORDS: print_count(out, size, v, " w"); break;
	case UNIT_WORDS_RATE: print_rate(out, size, v, " w/s"); break;
	case UNIT_COUNT_RATE: print_rate(out, size, v, "/s"); break;
	case UNIT_US: print_us(out, size, v); break;
	case UNIT_US_RATE: print_percent(out, size, v / 1e4); break;
	case UNIT_SECONDS: print_seconds(out, size, v); break;
	case UNIT_CLOCK: print_clock(out, size, v); break;
	case UNIT_PERCENT: print_percent(out, size, v); break;
	case UNIT_RATIO: util_print(out, size, "%.2f", v); break;
	case UNIT_PID: print_pid(out, size, v); break;
	case UNIT_COUNT: case UNIT_TEXT: case UNIT_SPARK: print_count(out, size, v, ""); break;
	}
	return out;
}

char *format_signed(char *out, size_t size, enum unit unit, double v)
{
	char plain[FORMAT_SIZE];

	format_value(plain, sizeof plain, unit, v);
	util_print(out, size, "%s%s", !isnan(v) && v > 0 ? "+" : "", plain);
	return out;
}

char *format_raw(char *out, size_t size, double v)
{
	size_t n;

	if (isnan(v) || isinf(v)) {
		util_print(out, size, "%s", "");
		return out;
	}
	if (v == floor(v) && fabs(v) < 9.2e18) {
		util_print(out, size, "%.0f", v + 0.0);
		return out;
	}
	n = util_print(out, size, "%.6f", v);
	while (n && out[n - 1] == '0')
		out[--n] = '\0';
	if (n && out[n - 1] == '.')
		out[--n] = '\0';
	if (strcmp(out, "-0") == 0)
		util_print(out, size, "0");
	return out;
}

char *format_pid(char *out, size_t size, uint64_t pid)
{
	if (pid)
		util_print(out, size, "<0.%llu.0>", (unsigned long long) pid);
	else
		*out = '\0';
	return out;
}

char *format_bytes(char *out, size_t size, double bytes) { return format_value(out, size, UNIT_BYTES, bytes); }
char *format_count(char *out, size_t size, double count) { return format_value(out, size, UNIT_COUNT, count); }

static const char *read_suffix(const char *rest, double *v)
{
	static const char letters[] = "KMGT";
	const char *found = *rest ? strchr(letters, *rest >= 'a' ? *rest - 32 : *rest) : NULL;

	if (!found)
		return rest;
	for (const char *l = letters; l <= found; l++)
		*v *= 1024;
	rest++;
	if (*rest == 'i')
		rest++;
	return *rest == 'B' ? rest + 1 : rest;
}

bool format_read_number(const char *text, double *out)
{
	char *rest;
	double v;

	/* strtod would take blanks, nan, inf and hexadecimal too; people mean none of them. */
	if (!strchr("+-.0123456789", *text) || strncasecmp(text + strspn(text, "+-"), "0x", 2) == 0)
		return false;
	v = strtod(text, &rest);
	if (rest == text || isnan(v) || isinf(v))
		return false;
	if (*read_suffix(rest, &v))
		return false;
	*out = v;
	return true;
}

double format_known(uint64_t field) { return field == SNAP_UNKNOWN ? NAN : (double) field; }

enum unit format_rate_unit(enum unit unit)
{
	switch (unit) {
	case UNIT_BYTES: return UNIT_BYTES_RATE;
	case UNIT_WORDS: return UNIT_WORDS_RATE;
	case UNIT_US: return UNIT_US_RATE;
	default: return UNIT_COUNT_RATE;
	}
}

bool format_is_number(enum unit unit) { return unit != UNIT_TEXT; }
