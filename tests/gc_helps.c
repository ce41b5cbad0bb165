/*
 * gc_helps - prints docs/gc-helps.md: what a collection does to each demo, measured now, beside what the BEAM did.
 *
 *   make gc-helps        writes the page; a test holds it to what this prints
 *
 * Worlds are deterministic and the seed is fixed, so the page is the same wherever it is made. Exit status 1: a cell did
 * something else than its table says (check_catalogue says which, too).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/gc_cells.h"

#define SEED 1
#define ROUNDED_BYTES 10000000           /* real bytes are the allocator's, and change with it */

static const char head[] =
	"# Does a collection help?\n"
	"\n"
	"Made by `make gc-helps`. Each line is a demo in a deterministic world, run at its defaults or as the line says, a full\n"
	"sweep at one moment, and what became of one figure: own memory with the queue, or binaries held, of those who were\n"
	"swept; or a figure of the whole node. A sweep *helps* when over a tenth went, *makes it worse* when it grew by over a\n"
	"hundredth (4 KiB and less is nothing), and *kills* when its process is gone. What the receipt says is computed by the\n"
	"program from what moved.\n"
	"\n"
	"The BEAM's figures are those of OTP 25.2.3 doing the same, at its own scale where the remark says so; `-`: nothing was\n"
	"measured there.\n"
	"\n"
	"| story | demo | who, and when | measured | here | a collection | the receipt says | on the BEAM | remark |\n"
	"| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

static const char *figure_text(enum gc_figure figure)
{
	static const char *const texts[] = { "memory", "binaries held", "binary", "ets", "in no row", "atoms", "carriers" };

	return texts[figure];
}

/* 1234567 as 1,234,567. */
static const char *grouped(uint64_t n, char out[32])
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%" PRIu64, n), at = 0;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

static bool print_cell(const struct gc_cell *cell)
{
	struct gc_measured m = gc_cell_measure(cell, SEED);
	uint64_t unit = cell->figure == REAL_BYTES ? ROUNDED_BYTES : 1;
	char before[32], after[32];

	m.before = (m.before + unit / 2) / unit * unit;
	m.after = (m.after + unit / 2) / unit * unit;
	printf("| %s | %s | %s | %s | %s -> %s | %s | %s | %s | %s |\n", cell->story, cell->demo, cell->when,
		figure_text(cell->figure), grouped(m.before, before), m.effect == GC_KILLS ? "gone" : grouped(m.after, after),
		gc_effect_text(m.effect), m.verdict, cell->beam, cell->note);
	return m.effect == cell->effect && strcmp(m.verdict, cell->verdict) == 0;
}

static void print_list(const char *title, enum gc_effect effect, bool fixed)
{
	const char *last = "";

	printf("| %s |", title);
	for (size_t i = 0; i < gc_cell_count; i++) {
		const struct gc_cell *c = &gc_cells[i];

		if (c->effect != effect || gc_cell_is_fixed(c) != fixed || !*c->story || strcmp(c->story, last) == 0)
			continue;
		printf(" %s", c->story);
		last = c->story;
	}
	printf(" |\n");
}

int main(void)
{
	bool good = true;

	fputs(head, stdout);
	for (size_t i = 0; i < gc_cell_count; i++)
		good &= print_cell(&gc_cells[i]);
	printf("\n## On one hand\n\n| a collection | stories |\n| --- | --- |\n");
	print_list("helps", GC_HELPS, false);
	print_list("helps only after the fix", GC_HELPS, true);
	print_list("does nothing", GC_NOTHING, false);
	print_list("makes it worse", GC_WORSE, false);
	print_list("may kill", GC_KILLS, false);
	printf("\nA story stands in several rows when its actors, or its ways to do a thing, differ.\n");
	return !good;
}
