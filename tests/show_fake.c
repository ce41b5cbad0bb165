/*
 * show_fake - the whole screen over a make-believe runtime, for looking at it. Not installed, not a test.
 *
 *   tests/show_fake [SICKNESS 0-19] [processes] [script]
 */
#include <stdlib.h>

#include "tests/fake_source.h"
#include "tui/ui.h"

int main(int argc, char **argv)
{
	struct fake_options fake = { .seed = 7, .processes = argc > 2 ? (uint32_t) atoi(argv[2]) : 300, .tables = 4,
		.deaths = 1,
		.sick = argc > 1 ? (enum fake_sick) atoi(argv[1]) : FAKE_SLICE_PIN };
	ui_block_signals();
	struct source *source = fake_source_new(&fake);
	struct ui_options o = { .source = source, .colours = getenv("NO_COLOR") ? 0 : -1, .use_mouse = true,
		.script = argc > 3 ? argv[3] : NULL, .is_ascii = getenv("ACTOP_ASCII") != NULL, .theme = getenv("ACTOP_THEME"),
		.is_presenting = getenv("ACTOP_PRESENT") != NULL };
	int status = ui_run(&o);
	source->close(source);
	return status;
}
