/*
 * otp_lines - what OTP 25 printed, and whether this runtime says the same.
 *
 * tests/otp_NAME.txt is the output of tests/otp_NAME.erl; otp_behaviour.sh makes it anew wherever erl is installed. A test
 * plays each case, and hands in the line that came out; in the end every line must have been asked for.
 */
#ifndef TESTS_OTP_LINES_H
#define TESTS_OTP_LINES_H

#include <stddef.h>

struct otp_lines {
	char *text;
	char **line;
	unsigned char *seen;
	size_t count;
};

/* Of tests/otp_NAME.txt; a missing file fails the test. */
void otp_lines_open(struct otp_lines *lines, const char *name);
/* Is this line among them? Fails the test with both lines if not: `head` (up to the `separator`) finds OTP's. */
void otp_lines_expect(struct otp_lines *lines, const char *mine, const char *separator);
/* All lines that begin with `prefix` were asked for. */
void otp_lines_expect_all(const struct otp_lines *lines, const char *prefix);
void otp_lines_close(struct otp_lines *lines);

#endif
