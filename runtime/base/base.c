/* base - how a broken invariant ends: the reason, then abort. */
#include "runtime/base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *file, int line, const char *what, const char *format, ...)
{
	char reason[512];
	va_list args;
	va_start(args, format);
	vsnprintf(reason, sizeof reason, format, args);
	va_end(args);
	fprintf(stderr, "%s:%d: %s does not hold: %s\n", file, line, what, reason);
	abort();
}
