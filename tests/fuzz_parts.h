/*
 * fuzz_parts - what is fuzzed: the gate of bytes, the whole screen, filters, the config file, the command line, names,
 * and the real program in a pseudo terminal.
 *
 * A round is one seed: the same seed does the same. A round that finds something says so on stderr and aborts; a
 * sanitizer aborts by itself. tests/fuzz plays rounds for a time, the check programs play a few.
 */
#ifndef TESTS_FUZZ_PARTS_H
#define TESTS_FUZZ_PARTS_H

#include <stddef.h>
#include <stdint.h>

struct fuzz_part {
	const char *name;
	unsigned weight;                /* how often among a hundred rounds or so */
	void (*round)(uint64_t seed);
};

const struct fuzz_part *fuzz_parts(size_t *count);

/* The part of that name; NULL when there is none. */
const struct fuzz_part *fuzz_part(const char *name);

#endif
