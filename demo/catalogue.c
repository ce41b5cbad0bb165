#include "demo/catalogue.h"

#include <string.h>

/* The healthy one, then S1 to S30 in the order of their stories, then the crowd. */
#define DEMOS(DEMO) \
	DEMO(shop) \
	DEMO(header_keeper) \
	DEMO(fifty) \
	DEMO(switchboard) \
	DEMO(proxy) \
	DEMO(crash_pin) \
	DEMO(appender) \
	DEMO(mailbag) \
	DEMO(needle) \
	DEMO(ghost) \
	DEMO(logstorm) \
	DEMO(tally) \
	DEMO(foundling) \
	DEMO(refc_table) \
	DEMO(postman) \
	DEMO(leaflets) \
	DEMO(hydra) \
	DEMO(attic) \
	DEMO(snooze) \
	DEMO(swell) \
	DEMO(ceiling) \
	DEMO(pockets) \
	DEMO(waiting_room) \
	DEMO(revolving_door) \
	DEMO(bookkeeper) \
	DEMO(alarm_clock) \
	DEMO(census) \
	DEMO(hog) \
	DEMO(sponge) \
	DEMO(ledger) \
	DEMO(closure) \
	DEMO(crowd)

#define DEMO(name) extern const struct application demo_##name;
DEMOS(DEMO)
#undef DEMO

const struct application *const demo_catalogue[] = {
#define DEMO(name) &demo_##name,
	DEMOS(DEMO)
#undef DEMO
};
const size_t demo_catalogue_count = ARRAY_COUNT(demo_catalogue);

const struct application *demo_find(const char *name)
{
	for (size_t i = 0; i < demo_catalogue_count; i++)
		if (strcmp(demo_catalogue[i]->name, name) == 0)
			return demo_catalogue[i];
	return NULL;
}
